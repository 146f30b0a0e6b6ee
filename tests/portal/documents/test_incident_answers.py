"""The incident's page answers on top: what, since when, whom, what to do meanwhile, when we speak next."""

from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.utils import timezone

from incidents.actions.publishing.incidents import change_incident
from incidents.actions.publishing.translations import Wording, translate
from incidents.actor import CLOCK
from incidents.models import Incident, Page, Scope
from tests import make
from tests.portal.page_documents import add_update, publish, text_at

pytestmark = pytest.mark.django_db


class Answers(HTMLParser):
    """The questions and answers of the page's first list, as texts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.pairs: list[list[str]] = []
        self.at = 0
        self.feed(text[text.index('<dl class="answers">') : text.index("</dl>")])

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "dt":
            self.pairs.append(["", ""])
        self.at = {"dt": 0, "dd": 1}.get(tag, self.at)

    def handle_data(self, data: str) -> None:
        if self.pairs:
            self.pairs[-1][self.at] = " ".join(f"{self.pairs[-1][self.at]} {data}".split())


@pytest.fixture
def incident() -> Incident:
    page = make.make_page(is_default=True, name="Northwind")
    power, water = make.make_component(page, name="Power"), make.make_component(page, name="Water")
    now = timezone.now()
    incident = make.make_incident(
        page,
        components=(power, water),
        name="Power cut in Ashford",
        started_at=now - timedelta(hours=2),
        next_update_due_at=now + timedelta(minutes=30),
    )
    add_update(incident, "A line is down at the river.")
    return incident


def shown(incident: Incident) -> str:
    return text_at(publish(incident.page), f"/incidents/{incident.public_id}")


def answers(incident: Incident) -> dict[str, str]:
    return dict(Answers(shown(incident)).pairs)


def test_in_this_order(incident) -> None:
    change_incident(incident, advice="Keep **away** from the line.", by=CLOCK)

    found = answers(incident)

    assert list(found) == [
        "What is wrong",
        "Since",
        "Who is affected",
        "What to do meanwhile",
        "When we speak next",
    ]
    assert found["What is wrong"].startswith("A line is down at the river. Power: ")
    assert found["Who is affected"] == "Everybody who uses Power, Water"
    assert found["What to do meanwhile"] == "Keep away from the line."
    assert found["When we speak next"].startswith("By ")


def test_they_stand_before_everything_else_but_the_title(incident) -> None:
    text = shown(incident)

    assert text.index("<h1>") < text.index('<dl class="answers">') < text.index("<h2")


def test_no_advice_is_said_to_be_none(incident) -> None:
    assert answers(incident)["What to do meanwhile"] == "We know of nothing that helps yet."


def test_advice_cannot_carry_a_script(incident) -> None:
    change_incident(incident, advice="<script>alert(1)</script> [x](javascript:alert(1)) Boil it.", by=CLOCK)

    text = shown(incident)

    assert "Boil it." in text
    assert "<script>alert" not in text
    assert 'href="javascript' not in text


def test_a_rule_says_whom_without_a_reference_or_a_hidden_component(incident) -> None:
    hidden = make.make_component(incident.page, name="Secret", is_hidden=True)
    Scope.objects.create(incident=incident, kind="premise", region="Ashford")
    Scope.objects.create(incident=incident, component=hidden, refs="P-1\nP-2")

    text = answers(incident)["Who is affected"]

    assert text == "Premises: Ashford Customers (not all of them)"


def test_a_rule_with_times_says_them(incident) -> None:
    Scope.objects.create(incident=incident, kind="booking", starts_before=timezone.now() + timedelta(days=1))

    assert answers(incident)["Who is affected"].startswith("Bookings, starting before ")


def test_without_component_and_rule_it_is_honest(incident) -> None:
    incident.affected_components.all().delete()

    assert answers(incident)["Who is affected"] == "We do not know yet."


def test_when_it_is_over_it_says_how_it_was_and_gives_no_advice(incident) -> None:
    now = timezone.now()
    Incident.objects.update(status="resolved", resolved_at=now, advice="Stay away.")

    found = answers(incident)

    assert list(found) == ["What happened", "Began", "Service restored", "Who was affected"]


def test_planned_work_says_when_and_whom(incident) -> None:
    now = timezone.now()
    Incident.objects.update(
        kind="maintenance", impact="maintenance", status="scheduled", scheduled_for=now, scheduled_until=now
    )

    assert list(answers(incident)) == [
        "What we do",
        "Planned from",
        "Planned until",
        "Who is affected",
        "What to do meanwhile",
        "When we speak next",
    ]


def test_one_tap_for_each_part_says_which_part(incident) -> None:
    text = " ".join(shown(incident).split())

    assert 'method="post" action="/claim/send"' in text
    assert "Power: I have this problem too</button>" in text
    assert "Water: I have this problem too</button>" in text


def test_of_one_part_the_button_is_short(incident) -> None:
    incident.affected_components.filter(component__name="Water").delete()

    assert ">I have this problem too</button>" in shown(incident)


def test_more_than_four_parts_lead_to_the_whole_list(incident) -> None:
    extra = tuple(make.make_component(incident.page) for _ in range(3))
    many = make.make_incident(incident.page, components=(*extra, *incident.components.all()))

    text = shown(many)

    assert text.count('name="component"') == 4
    assert 'href="/claim">I have a problem with another part</a>' in text


def test_nobody_is_asked_when_it_is_over_or_has_not_begun(incident) -> None:
    Incident.objects.update(status="resolved", resolved_at=timezone.now())

    assert "I have this problem too" not in shown(incident)


def test_headings_go_down_one_step_at_a_time_and_no_id_stands_twice(incident) -> None:
    text = shown(incident)

    class Outline(HTMLParser):
        levels: list[int] = []
        ids: list[str] = []

        def handle_starttag(self, tag, attrs):
            if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
                self.levels.append(int(tag[1]))
            self.ids.extend(value for name, value in attrs if name == "id")

    outline = Outline()
    outline.feed(text)

    assert outline.levels[0] == 1
    assert [two - one for one, two in zip(outline.levels, outline.levels[1:], strict=False) if two - one > 1] == []
    assert len(outline.ids) == len(set(outline.ids))


def test_in_another_language_advice_and_names_are_translated_where_they_are(incident) -> None:
    Page.objects.update(languages=["de"])
    incident.page.refresh_from_db()
    change_incident(incident, advice="Keep away.", by=CLOCK)
    power = incident.components.get(name="Power")
    Scope.objects.create(incident=incident, component=power, kind="premise")
    translate(incident, [Wording(incident, "advice", "de", "Bleiben Sie **weg**.")], by=CLOCK)
    translate(incident.page, [Wording(power, "name", "de", "Strom")], by=CLOCK)

    text = text_at(publish(incident.page), f"/de/incidents/{incident.public_id}")

    assert "<p>Bleiben Sie <strong>weg</strong>.</p>" in text
    assert ": Strom</li>" in text
    assert "Keep away." not in text


def test_advice_that_nobody_translated_says_so_and_names_its_language(incident) -> None:
    Page.objects.update(languages=["de"])
    incident.page.refresh_from_db()
    change_incident(incident, advice="Keep away.", by=CLOCK)

    text = text_at(publish(incident.page), f"/de/incidents/{incident.public_id}")

    assert '<div class="prose" lang="en"><p>Keep away.</p>' in text
