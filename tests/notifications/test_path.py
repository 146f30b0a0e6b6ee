"""The whole way, once: something happens, people are told."""

from datetime import timedelta

import pytest
from django.utils import timezone

from incidents.actions.incidents import declare_incident, publish_incident
from incidents.actor import Actor
from notifications import delivery, outbox
from tests.make import make_component, make_customer, make_holding, make_page, make_user
from tests.notifications.mails import sent, text_of


@pytest.mark.django_db
def test_an_affected_customer_gets_one_mail_that_names_both_holdings():
    page = make_page(is_default=True)
    vans = make_component(page)
    ana = make_customer("Ana")
    make_holding(ana, vans, label="Parcel 8841")
    make_holding(ana, vans, label="Parcel 8842")
    dara = Actor.staff(make_user("Dara"))
    incident = declare_incident(page, name="Vans cannot leave", by=dara, components={vans: "major_outage"})
    soon = timezone.now() + timedelta(hours=1)
    publish_incident(incident, body="The gate is **stuck**.", by=dara, next_update_due_at=soon)

    outbox.collect()
    delivery.drain("bulk")

    (message,) = sent()
    assert message["To"] == "ana@example.org"
    assert [label in text_of(message) for label in ("Parcel 8841", "Parcel 8842")] == [True, True]
