"""What a visitor on a bad connection has to fetch."""

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from incidents.models import Component, Incident
from portal.html.states import TONES, shape

SPRITE = Path(finders.find("img/icons.svg")).read_text()


def packed(*names):
    return sum(len(gzip.compress(Path(finders.find(name)).read_bytes(), 6)) for name in names)


def test_style_is_at_most_10_kb():
    assert packed("css/tokens.css", "css/site.css") <= 10_000


def test_script_is_at_most_5_kb():
    assert packed("js/site.js") <= 5_000


@pytest.mark.parametrize(
    "states",
    [Component.Status.values, Incident.INCIDENT_STATUSES, Incident.MAINTENANCE_STATUSES, Incident.Level.values],
)
def test_every_state_has_its_own_shape(states):
    shapes = dict(re.findall(r'<symbol id="([\w-]+)"[^>]*>(.*?)</symbol>', SPRITE))

    rendered = {shapes[shape(state)] for state in states}

    assert len(rendered) == len(states)


def test_every_shape_and_tone_that_the_pages_name_exists():
    rendered = set(re.findall(r'<symbol id="([\w-]+)"', SPRITE))

    assert {shape(state) for state in TONES} <= rendered
