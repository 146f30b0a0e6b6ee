"""The public pages as visitors get them."""

from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.utils import timezone

from incidents.models import AffectedComponent, Component, Estimate, Page
from tests import make
from tests.portal.page_documents import add_update, pages_of, publish, text_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def page():
    return make.make_page(is_default=True, name="Northwind", time_zone="Europe/London")


class Outline(HTMLParser):
    """What assistive technology sees: headings, landmarks, ids, and whatever a strict policy would refuse."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.ids, self.forbidden = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        names = dict(attrs)
        self.ids += [names["id"]] if "id" in names else []
        self.forbidden += [name for name in names if name == "style" or name.startswith("on")]
        self.forbidden += [tag] if tag == "style" or (tag == "script" and "src" not in names) else []


def test_when_nothing_is_wrong_it_says_so(page, client):
    make.make_component(page, name="Power")
    publish(page)

    text = client.get("/").content.decode()

    assert "<title>Everything works · Northwind</title>" in text
    assert '<h1 id="state">Everything works</h1>' in text
    assert "None on record" in text
    assert "Nothing is planned" in text
    assert "As soon as anything changes" in text


def test_the_first_screen_answers_since_when_what_next_and_when_we_speak(page, client):
    now = timezone.now()
    component = make.make_component(page, name="Power", status="major_outage")
    incident = make.make_incident(
        page,
        components=(component,),
        name="Power cut in Ashford",
        impact="critical",
        started_at=now - timedelta(hours=2),
        next_update_due_at=now + timedelta(minutes=30),
    )
    Estimate.objects.create(incident=incident, stage="initial", restored_by=now + timedelta(hours=3), reason="Crane.")
    add_update(incident, "A line is down.")
    publish(page)

    text = client.get("/").content.decode()
    below = text[text.index("</section>") :]
    band = text[text.index('<section class="band state-worst"') : text.index("</section>")]

    assert "Nothing works right now" in band
    assert f'datetime="{now - timedelta(hours=2):%Y-%m-%dT%H:%M:%SZ}"' in band
    assert "We expect it to work again by" in band
    assert f'datetime="{now + timedelta(hours=3):%Y-%m-%dT%H:%M:%SZ}"' in band
    assert f'datetime="{now + timedelta(minutes=30):%Y-%m-%dT%H:%M:%SZ}"' in band
    assert below.index("Power cut in Ashford") < below.index("A line is down.") < below.index(">Components<")


def test_without_an_estimate_it_says_honestly_that_it_is_not_known(page, client):
    make.make_incident(page)
    publish(page)

    assert "We do not know yet" in client.get("/").content.decode()


def test_a_missed_estimate_is_called_missed_and_we_say_when_we_speak_next(page, client):
    now = timezone.now()
    incident = make.make_incident(page, next_update_due_at=now + timedelta(minutes=20))
    Estimate.objects.create(incident=incident, stage="initial", restored_by=now - timedelta(minutes=1))
    publish(page)

    front, own = (client.get(path).content.decode() for path in ("/", f"/incidents/{incident.public_id}"))

    assert "We missed our estimate of" in front
    assert "We missed our estimate of" in own
    assert "We speak next by" in front
    assert "We speak next by" in own
    assert "We expect it to work again by" not in front + own


def test_an_update_that_is_late_says_so(page, client):
    make.make_incident(page, next_update_due_at=timezone.now() - timedelta(minutes=1))
    publish(page)

    assert "We are late: it was due" in client.get("/").content.decode()


def test_an_incident_shows_its_whole_timeline_newest_first_and_every_estimate(page, client):
    now = timezone.now()
    component = make.make_component(page, name="Power")
    incident = make.make_incident(page, components=(component,))
    add_update(incident, "First words.", display_at=now - timedelta(hours=2))
    add_update(incident, "Last words.", display_at=now - timedelta(hours=1))
    Estimate.objects.create(incident=incident, stage="initial", restored_by=now + timedelta(hours=1))
    Estimate.objects.create(
        incident=incident, stage="revised", restored_by=now + timedelta(hours=4), reason="The crane is late."
    )
    publish(page)

    text = client.get(f"/incidents/{incident.public_id}").content.decode()

    assert text.index("Last words.") < text.index("First words.")
    assert "Everybody who uses Power" in " ".join(text.split())
    assert text.index("Our estimate now") < text.index("Revised</strong>")
    assert text.count("The crane is late.") == 2


def test_a_correction_is_shown_as_one(page, client):
    incident = make.make_incident(page)
    wrong = add_update(incident, "It was the pump.", display_at=timezone.now() - timedelta(hours=1))
    add_update(incident, "It was the valve.", corrects=wrong)
    publish(page)

    text = client.get(f"/incidents/{incident.public_id}").content.decode()

    assert text.index("Corrects what we said") < text.index("We corrected this")


def test_history_by_month_has_permalinks(page, client):
    december = timezone.datetime(2024, 12, 20, 16, 18, tzinfo=timezone.get_default_timezone())
    incident = make.make_incident(
        page, status="resolved", started_at=december, resolved_at=december + timedelta(minutes=26), name="Pages fail"
    )
    publish(page)

    index, month = client.get("/history"), client.get("/history/2024/12")

    assert '<a href="/history/2024/12">' in index.content.decode()
    text = month.content.decode()
    assert "<h1>December 2024</h1>" in text
    assert f'href="/incidents/{incident.public_id}">Pages fail</a>' in text
    assert "lasted 26 minutes" in text


def test_planned_work_has_its_window_and_its_page(page, client):
    now = timezone.now()
    start, end = now + timedelta(hours=3), now + timedelta(hours=5)
    work = make.make_incident(
        page, name="New switch", kind="maintenance", status="scheduled", impact="maintenance",
        scheduled_for=start, scheduled_until=end,
    )  # fmt: skip
    publish(page)

    texts = [client.get(path).content.decode() for path in ("/", "/maintenance", f"/incidents/{work.public_id}")]

    window = [f'datetime="{moment:%Y-%m-%dT%H:%M:%SZ}"' for moment in (start, end)]
    assert [all(words in text for words in ("New switch", *window)) for text in texts] == [True, True, True]
    assert "Everything works" in texts[0]


def test_times_are_written_in_the_page_s_zone(page, client):
    summer = timezone.datetime(2024, 7, 1, 12, 0, tzinfo=timezone.get_default_timezone())
    incident = make.make_incident(page, status="resolved", started_at=summer, resolved_at=summer)
    publish(page)

    text = client.get(f"/incidents/{incident.public_id}").content.decode()

    assert '<time datetime="2024-07-01T12:00:00Z" data-local="full">1 Jul 2024, 13:00 BST</time>' in text
    assert 'data-zone="Europe/London"' in text


def test_nothing_hidden_and_no_draft_is_anywhere(page):
    hidden = make.make_component(page, name="Secret pump", status="major_outage", is_hidden=True)
    group = make.make_group(page, name="Secret group")
    make.make_component(page, name="Second secret", group=group, is_hidden=True)
    incident = make.make_incident(page, name="Shown", components=(hidden,), impact="none")
    spoken = [
        {"code": hidden.public_id, "name": "Secret pump", "old_status": "operational", "new_status": "major_outage"}
    ]
    add_update(incident, "TextsInLanguages", affected_components=spoken)
    draft = make.make_incident(page, name="Secret draft", published=False, impact="critical")
    add_update(draft, "Secret words")
    AffectedComponent.objects.create(incident=draft, component=hidden, status="major_outage")

    store = publish(page)

    everything = " ".join(text_at(store, path) for path in store.edition.documents)
    assert "Shown" in everything
    assert "ecret" not in everything
    assert draft.public_id not in everything
    assert store.find(f"/incidents/{draft.public_id}") is None
    assert "Everything works" in text_at(store, "/")


def test_a_person_s_words_cannot_break_out(page):
    name = "<script>alert(1)</script>"
    component = make.make_component(page, name=name, description=name, status="partial_outage")
    make.make_incident(page, name=name, components=(component,))

    store = publish(page)

    assert "<script>alert" not in " ".join(text_at(store, path) for path in pages_of(store))


@pytest.mark.parametrize(
    "path",
    ["/incidents/nowhere", "/history/1999/01", "/history/2024/13", "/p/nowhere/", "/p/nowhere/history", "/incidents/"],
)
def test_what_is_not_published_is_404(page, client, path):
    publish(page)

    response = client.get(path)

    assert response.status_code == 404


def test_404_is_designed_and_keeps_the_letterhead(page, client):
    publish(page)

    text = client.get("/history/1999/01").content.decode()

    assert "There is no such page" in text
    assert "Northwind" in text


def test_what_is_too_large_is_refused_in_words(page, client):
    make.make_component(page)
    publish(page)

    response = client.post("/claim/send", {f"field{number}": "" for number in range(2000)})

    assert response.status_code == 400
    assert "larger than we take" in response.content.decode()


@pytest.mark.parametrize("path", ["/", "/history", "/maintenance"])
def test_nobody_posts_here(page, client, path):
    publish(page)

    assert client.post(path).status_code == 405


def test_a_visitor_gets_no_cookie(page, client):
    publish(page)

    client.get("/")

    assert client.cookies == {}


def test_the_default_page_has_one_address(page, client):
    publish(page)

    response = client.get(f"/p/{page.slug}/history")

    assert (response.status_code, response["Location"]) == (301, "/history")


def test_another_page_lives_below_its_address(page, client):
    other = make.make_page(slug="other", name="Other")
    incident = make.make_incident(other)
    publish(other)

    text = client.get("/p/other/").content.decode()

    assert f'href="/p/other/incidents/{incident.public_id}"' in text
    assert 'href="/subscribe?page=other"' in text
    assert client.get(f"/p/other/incidents/{incident.public_id}").status_code == 200
    assert client.get(f"/incidents/{incident.public_id}").status_code == 404
    assert client.get("/p/other")["Location"] == "/p/other/"


def test_before_any_page_exists_the_root_says_what_to_do(client, db):
    text = client.get("/").content.decode()

    assert "Nothing is published here yet" in text


def test_without_a_default_page_the_root_lists_the_pages(client):
    make.make_page(slug="two", name="Two", domain="two.example")
    publish(make.make_page(slug="one", name="One"))

    text = client.get("/").content.decode()

    assert '<a href="/p/one/">One</a>' in text
    assert '<a href="http://two.example:8000/">Two</a>' in text


def test_every_page_has_one_heading_the_landmarks_and_nothing_inline(page):
    now = timezone.now()
    component = make.make_component(page, group=make.make_group(page), status="partial_outage")
    incident = make.make_incident(page, components=(component,), started_at=now - timedelta(minutes=5))
    add_update(incident)
    add_update(incident)
    Estimate.objects.create(incident=incident, stage="assessing")
    make.make_incident(page, status="resolved", resolved_at=now)

    store = publish(page)

    outlines = {path: Outline(text_at(store, path)) for path in pages_of(store)}
    assert {path: (one.tags.count("h1"), one.tags.count("main")) for path, one in outlines.items()} == dict.fromkeys(
        outlines, (1, 1)
    )
    assert [path for path, one in outlines.items() if len(one.ids) != len(set(one.ids))] == []
    assert [one.forbidden for one in outlines.values() if one.forbidden] == []


def test_the_front_page_stays_light_with_478_components(page):
    groups = [make.make_group(page, name=f"Region {number}", position=number) for number in range(24)]
    names = [(group, f"Depot {place} of {group.name}") for group in groups for place in range(20)][:478]
    Component.objects.bulk_create(Component(page=page, group=group, name=name) for group, name in names)

    store = publish(page)

    assert len(store.find("/").variant("gzip").body) <= 15_000


def test_it_stays_light_in_every_language_when_nothing_is_translated(page):
    Page.objects.filter(pk=page.pk).update(languages=["de", "fr", "es", "ar"])
    page.refresh_from_db()
    groups = [make.make_group(page, name=f"Region {number}", position=number) for number in range(24)]
    Component.objects.bulk_create(
        Component(page=page, group=groups[number // 20], name=f"Depot {number % 20} of Region {number // 20}")
        for number in range(478)
    )

    store = publish(page)

    sizes = [len(store.find(path).variant("gzip").body) for path in ("/", "/de/", "/fr/", "/es/", "/ar/")]
    assert max(sizes) <= 15_000
