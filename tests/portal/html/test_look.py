"""States, moments and durations in words."""

from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template
from django.utils import translation

from portal.facts.profile import PageProfile
from portal.html.durations import lasting
from portal.html.markup import EXCERPT, excerpt
from portal.html.states import icon

MOMENT = datetime(2024, 12, 20, 16, 44, tzinfo=UTC)


def render(source, **context):
    return Template("{% load look %}" + source).render(Context(context))


def test_a_state_is_icon_and_word():
    text = render("{% state 'major_outage' %}")

    assert text == (
        '<span class="state state-worst"><svg class="icon" width="20" height="20" aria-hidden="true">'
        '<use href="/static/img/icons.svg#major_outage"/></svg>Major outage</span>'
    )


def test_a_state_can_have_other_words_and_a_ground():
    text = render("{% state 'kept' words 'tag' %}", words="<Kept>")

    assert text.startswith('<span class="state tag state-good">')
    assert text.endswith("&lt;Kept&gt;</span>")


@pytest.mark.parametrize(
    ("style", "words"),
    [("full", "20 Dec 2024, 17:44 CET"), ("short", "20 Dec 2024, 17:44 CET"), ("time", "17:44 CET")],
)
def test_a_moment_is_written_in_the_zone_of_the_page(style, words):
    text = render("{% moment when style %}", when=MOMENT, style=style, zone="Europe/Berlin")

    assert text == f'<time datetime="2024-12-20T16:44:00Z" data-local="{style}">{words}</time>'


def test_the_short_style_leaves_the_present_year_out(time_machine):
    time_machine.move_to(datetime(2024, 12, 31, 12, tzinfo=UTC))

    assert ">20 Dec, 16:44 UTC<" in render("{% moment when 'short' 'relative' %}", when=MOMENT, zone="UTC")


def test_a_zone_without_letters_is_told_from_utc():
    assert "13:44 UTC-03" in render("{% moment when %}", when=MOMENT, zone="America/Sao_Paulo")


def test_without_a_page_the_active_zone_counts():
    assert "16:44 UTC" in render("{% moment when %}", when=MOMENT)


def test_a_day_and_a_month():
    assert render("{% day when %}", when=MOMENT, zone="UTC") == '<time datetime="2024-12-20">20 December 2024</time>'
    assert render("{{ when|month }}", when=MOMENT) == "December 2024"


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        (timedelta(seconds=40), "less than a minute"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(hours=2, minutes=8), "2 hours 8 minutes"),
        (timedelta(days=1, hours=3, minutes=9), "1 day 3 hours"),
        (timedelta(days=2), "2 days"),
    ],
)
def test_a_duration_in_its_two_largest_units(duration, words):
    assert lasting(duration) == words


def test_an_excerpt_has_no_marks_and_ends_with_a_word():
    html = "<p>It’s &lt;safe&gt; &amp; sound</p>" + "<p>" + "word " * 80 + "</p>"

    text = excerpt(html)

    assert text.startswith("It’s <safe> & sound word")
    assert text.endswith(" word…")
    assert len(text) <= EXCERPT + 1


def test_moments_follow_the_language():
    with translation.override("de"):
        assert "20. Dez" in render("{% moment when %}", when=MOMENT) or "20 Dez" in render(
            "{% moment when %}", when=MOMENT
        )


def test_a_letterhead_knows_how_people_say_things():
    profile = PageProfile(url="https://www.example.org/x", support_phone="+44 (20) 5550-0134", zone="America/New_York")

    assert (profile.company, profile.tel, profile.zone_words) == ("example.org", "+442055500134", "America/New York")


def test_headings_of_a_text_stand_below_the_one_above_it_without_a_gap():
    text = "<h5>One</h5><p>.</p><h6>Two</h6><h4>Three <em>3</em></h4><h6>Four</h6>"

    rendered = render("{{ text|below:2 }}", text=text)

    assert rendered == "<h3>One</h3><p>.</p><h4>Two</h4><h3>Three <em>3</em></h3><h4>Four</h4>"


def test_headings_go_no_deeper_than_there_are():
    assert render("{{ text|below:6 }}", text="<h4>One</h4>") == "<h6>One</h6>"


def test_icons_that_point_turn_round_where_one_reads_from_right_to_left():
    assert 'class="icon points"' in icon("back")
    assert 'class="icon points"' in icon("forward")
    assert 'class="icon"' in icon("clock")
