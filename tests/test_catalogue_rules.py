"""The rules that catalogues are held to find what they are for."""

import pytest

from tests.catalogues import (
    Entry,
    faults,
    forms,
    hidden_texts,
    read,
    sources,
    texts_of_python,
    texts_of_sources,
    texts_of_template,
)

CATALOGUE = """msgid ""
msgstr ""
"Language: de\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

#, python-format
msgctxt "a list ends"
msgid "%(names)s and %(name)s"
msgstr "%(names)s und %(name)s"

#, fuzzy, python-format
msgid "%(n)d “day”"
msgid_plural ""
"%(n)d "
"days"
msgstr[0] "%(n)d \\\\"Tag\\\\""
msgstr[1] "%(n)d Tage"
""".replace('\\\\"', '\\"')


def test_a_catalogue_is_read():
    head, entries = read(CATALOGUE)

    assert forms(head) == 2
    assert entries == [
        Entry("a list ends", "%(names)s and %(name)s", "", ("%(names)s und %(name)s",)),
        Entry("", "%(n)d “day”", "%(n)d days", ('%(n)d "Tag"', "%(n)d Tage"), is_fuzzy=True),
    ]


def test_python_is_read():
    source = 'a = _("One" " text"); b = pgettext("ctx", "Two"); c = ngettext("%d x", "%d xs", n); d = _(name); f("No")'

    assert list(texts_of_python(source)) == [(("", "One text"), ""), (("ctx", "Two"), ""), (("", "%d x"), "%d xs")]


def test_a_template_is_read():
    source = """{% load i18n %}It's <b title="{% translate 'One' %}">plain</b> {% firstof a _("Two") %}
    {% blocktranslate trimmed count number=n with name=it %}{{ name }}: one % of it{% plural %}
      {{ name }}: {{ number }} of them{% endblocktranslate %}{% translate "May" context "month" %}"""

    assert list(texts_of_template(source)) == [
        (("", "One"), ""),
        (("", "Two"), ""),
        (("", "%(name)s: one %% of it"), "%(name)s: %(number)s of them"),
        (("month", "May"), ""),
    ]


def test_the_program_s_own_texts_are_found():
    texts = texts_of_sources()

    assert texts["", "Not yet in %(language)s; in %(original)s:"] == ""
    assert texts["", "%(n)d hour"] == "%(n)d hours"
    assert ("format of a day", "j F Y") in texts
    assert ("", "Skip to the content") in texts


@pytest.mark.parametrize(
    ("entry", "wrong"),
    [
        (Entry("", "a", "", ("b",)), []),
        (Entry("", "a", "", ("",)), ["not translated"]),
        (Entry("", "a", "", ("b",), is_fuzzy=True), ["guessed"]),
        (Entry("", "%(a)s", "", ("b",)), ["lacks %(a)s"]),
        (Entry("", "{a}", "", ("{b}",)), ["lacks {a}", "invents {b}"]),
        (Entry("", "<a href=''>x</a>", "", ("<b>x</b>",)), ["has other tags"]),
        (Entry("", "a\n", "", ("b",)), ["begins or ends with another line"]),
        (Entry("", "%(n)d a", "%(n)d as", ("%(n)d b",)), ["1 forms instead of 2"]),
        (Entry("", "%(n)d a", "%(n)d as", ("one b", "%(n)d bs")), []),
        (Entry("", "%(n)d a", "%(n)d as", ("one b", "bs")), ["lacks %(n)d"]),
        (Entry("", "%(n)d %(a)s", "%(n)d %(a)s", ("b", "%(n)d %(a)s")), ["lacks %(a)s, %(n)d"]),
    ],
)
def test_each_fault_is_named(entry: Entry, wrong: list[str]):
    assert faults(entry, 2) == wrong


def test_no_text_hides_from_the_tools():
    python = [path for path in sources() if path.suffix == ".py"]
    hidden = {path.name: hidden_texts(path.read_text(encoding="utf-8")) for path in python}

    assert {name: lines for name, lines in hidden.items() if lines} == {}
    assert hidden_texts("a = 1\nb = f\"{_('x')}\"") == [2]
