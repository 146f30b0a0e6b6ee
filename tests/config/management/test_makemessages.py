"""Catalogues are written so that nothing in them depends on the day or the machine."""

from config.management.commands.makemessages import _settled

WRITTEN = """# SOME DESCRIPTIVE TITLE.
#, fuzzy
msgid ""
msgstr ""
"Project-Id-Version: PACKAGE VERSION\\n"
"POT-Creation-Date: 2026-11-22 16:44+0000\\n"
"Last-Translator: FULL NAME <EMAIL@ADDRESS>\\n"
"Plural-Forms: nplurals=6; plural=n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 "
"&& n%100<=10 ? 3 : 5;\\n"

msgid "Queue"
msgstr "صف"
"""


def test_the_head_keeps_the_rule_of_plurals_and_no_date():
    assert _settled(WRITTEN, "ar") == (
        'msgid ""\nmsgstr ""\n"Project-Id-Version: Makegood\\n"\n"Language: ar\\n"\n"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=UTF-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
        '"Plural-Forms: nplurals=6; plural=n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : 5;\\n"\n'
        '\nmsgid "Queue"\nmsgstr "صف"\n'
    )


def test_a_settled_catalogue_stays_as_it_is():
    once = _settled(WRITTEN, "ar")

    assert _settled(once, "ar") == once
