"""Names joined as a language does."""

import pytest
from django.utils import translation

from portal.html.lists import join_names, join_names_html


@pytest.mark.parametrize(
    ("names", "text"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", "b", "c"], "a, b and c"),
        (["100 %s", "%(name)s", "c"], "100 %s, %(name)s and c"),
    ],
)
def test_names_are_joined(names: list[str], text: str):
    with translation.override("en"):
        assert join_names(names) == text


def test_a_name_can_do_no_harm():
    with translation.override("en"):
        assert join_names_html(["<b>", "c"]) == "&lt;b&gt; and c"
