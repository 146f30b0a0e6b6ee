"""Every text of the program stands in every catalogue, translated, and the program reads what stands there."""

import pytest
from django.conf import settings

from tests.catalogues import catalogue, compiled, faults, forms, read, texts_of_sources

LANGUAGES = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


@pytest.fixture(scope="module")
def texts() -> dict[tuple[str, str], str]:
    return texts_of_sources()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogue_has_every_text_and_no_other(language: str, texts: dict[tuple[str, str], str]):
    _head, entries = read(catalogue(language).read_text(encoding="utf-8"))

    assert {entry.key: entry.plural for entry in entries} == texts, "make messages"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated_with_its_names_tags_and_plurals(language: str):
    head, entries = read(catalogue(language).read_text(encoding="utf-8"))

    assert {entry.key: wrong for entry in entries if (wrong := faults(entry, forms(head)))} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_program_reads_what_the_catalogue_says(language: str):
    path = catalogue(language)
    _head, entries = read(path.read_text(encoding="utf-8"))

    assert compiled(path.with_suffix(".mo")) == {entry.key: entry.said for entry in entries}, "make compile-messages"
