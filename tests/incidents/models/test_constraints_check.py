"""What a row may say: each check is refused by the database itself, by its name."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.db import IntegrityError, models

from incidents.models import (
    AffectedComponent,
    CheckIn,
    Choice,
    Component,
    Customer,
    CustomerGroup,
    Estimate,
    Holding,
    Impact,
    Incident,
    MaintenanceSeries,
    Membership,
    Offer,
    Page,
    Pool,
    Promise,
    Rating,
    ReadToken,
    Remedy,
    StatusChange,
    Task,
    Translation,
    Update,
)
from tests.incidents.one_of_each import NOW, copy, make_one_of_each

SOONER = NOW - timedelta(hours=1)
PLANNED = {"kind": "maintenance", "status": "scheduled", "impact": "maintenance"}
SECOND = {"slug": "x", "public_id": "x", "is_default": False}
RUNNING = {**PLANNED, "status": "in_progress"}
CALLED_OFF = {**PLANNED, "status": "completed", "resolved_at": NOW, "cancelled_at": NOW}
WINDOW = {"scheduled_for": NOW, "scheduled_until": NOW}

REFUSED = [
    ("page_domain_lower_case", Page, {**SECOND, "domain": "Status.example.org"}),
    ("page_logo_measured", Page, {**SECOND, "logo_kind": "svg"}),
    ("page_logo_measured", Page, {**SECOND, "logo_kind": "gif", "logo_width": 1, "logo_height": 1}),
    ("page_visibility_known", Page, {**SECOND, "visibility": "nobody"}),
    ("customer_group_has_name", CustomerGroup, {"name": ""}),
    ("read_token_has_name", ReadToken, {"name": "", "token_hash": "x"}),
    ("read_token_scope_known", ReadToken, {"scope": "write:all", "token_hash": "x"}),
    ("read_token_expires_later", ReadToken, {"expires_at": SOONER, "created_at": NOW, "token_hash": "x"}),
    ("component_status_known", Component, {"status": "broken"}),
    ("status_change_status_known", StatusChange, {"from_at": SOONER, "status": "broken"}),
    ("affected_component_status_known", AffectedComponent, {"status": "broken"}),
    ("customer_has_ref", Customer, {"ref": ""}),
    ("membership_role_known", Membership, {"role": "boss"}),
    ("holding_has_ref", Holding, {"ref": ""}),
    ("holding_has_units", Holding, {"quantity": 0}),
    ("holding_ends_after_start", Holding, {"starts_at": NOW, "ends_at": SOONER}),
    ("incident_status_fits_kind", Incident, {"status": "scheduled"}),
    ("incident_status_fits_kind", Incident, {"status": "nonsense"}),
    ("incident_status_fits_kind", Incident, {**PLANNED, **WINDOW, "status": "investigating"}),
    ("incident_status_fits_kind", Incident, {**PLANNED, **WINDOW, "status": "monitoring"}),
    ("incident_impact_fits_kind", Incident, {"impact": "maintenance"}),
    ("incident_impact_fits_kind", Incident, {"impact": "huge"}),
    ("incident_impact_fits_kind", Incident, {**PLANNED, **WINDOW, "impact": "minor"}),
    ("maintenance_has_window", Incident, {**PLANNED}),
    ("maintenance_has_window", Incident, {**PLANNED, "scheduled_for": NOW}),
    ("maintenance_ends_after_start", Incident, {**PLANNED, **WINDOW, "scheduled_until": SOONER}),
    ("incident_over_has_moment", Incident, {"status": "resolved"}),
    ("incident_over_has_moment", Incident, {"status": "postmortem"}),
    ("incident_over_has_moment", Incident, {**PLANNED, **WINDOW, "status": "completed"}),
    ("incident_closed_is_over", Incident, {"closed_at": NOW}),
    ("maintenance_cancelled_is_over", Incident, {**PLANNED, **WINDOW, "cancelled_at": NOW}),
    ("maintenance_cancelled_is_over", Incident, {"status": "resolved", "resolved_at": NOW, "cancelled_at": NOW}),
    ("maintenance_reminds_before_start", Incident, {**PLANNED, **WINDOW, "next_reminder_at": NOW}),
    ("maintenance_reminds_before_start", Incident, {**RUNNING, **WINDOW, "next_reminder_at": SOONER}),
    ("maintenance_reminds_before_start", Incident, {"next_reminder_at": SOONER}),
    ("maintenance_completes_verifying", Incident, {**RUNNING, **WINDOW, "completes_at": NOW}),
    ("maintenance_verify_for_bounded", Incident, {"verify_for": 1}),
    ("maintenance_verify_for_bounded", Incident, {**PLANNED, **WINDOW, "verify_for": 10081}),
    ("maintenance_of_series_has_start", Incident, {**PLANNED, **WINDOW, "occurs_at": NOW}),
    ("series_lasts_bounded", MaintenanceSeries, {"lasts_for": 0}),
    ("series_lasts_bounded", MaintenanceSeries, {"lasts_for": 10081}),
    ("series_verify_for_bounded", MaintenanceSeries, {"verify_for": 10081}),
    ("series_announces_bounded", MaintenanceSeries, {"announce_days": 181}),
    ("series_announces_bounded", MaintenanceSeries, {"most_ahead": 21}),
    ("series_ended_is_left_alone", MaintenanceSeries, {"ended_at": NOW, "look_at": NOW}),
    ("impact_state_known", Impact, {"state": "gone"}),
    ("check_in_answer_has_moment", CheckIn, {"round": 2, "answer": "yes"}),
    ("check_in_answer_has_moment", CheckIn, {"round": 2, "answered_at": NOW}),
    ("check_in_answer_has_moment", CheckIn, {"round": 2, "answer": "maybe", "answered_at": NOW}),
    ("rating_satisfaction_1_5", Rating, {"satisfaction": 0}),
    ("rating_satisfaction_1_5", Rating, {"satisfaction": 6}),
    ("rating_effort_1_7", Rating, {"effort": 0}),
    ("rating_effort_1_7", Rating, {"effort": 8}),
    ("remedy_value_has_currency", Remedy, {"value": 1, "currency": ""}),
    ("remedy_value_has_currency", Remedy, {"value": -1, "currency": "EUR"}),
    ("pool_never_oversold", Pool, {"capacity": 2, "taken": 3}),
    ("offer_value_has_currency", Offer, {"value": 1, "currency": ""}),
    ("offer_value_has_currency", Offer, {"value": -1, "currency": "EUR"}),
    ("offer_version_counts_from_one", Offer, {"version": 0}),
    ("choice_state_known", Choice, {"state": "maybe"}),
    ("promise_state_known", Promise, {"state": "forgotten"}),
    ("promise_kept_has_moment", Promise, {"state": "kept"}),
    ("promise_kept_has_moment", Promise, {"state": "beaten"}),
    ("promise_broken_has_moment", Promise, {"state": "broken"}),
    ("task_done_has_moment", Task, {"state": "done"}),
    ("task_state_known", Task, {"state": "lost"}),
    ("translation_of_one_thing", Translation, {"component": None, "field": "body"}),
    ("translation_of_one_thing", Translation, {"page": None}),
    ("translation_of_one_thing", Translation, {"field": "body"}),
    ("translation_has_language", Translation, {"language": ""}),
    ("translation_counts_from_one", Translation, {"revision": 0}),
    ("update_status_known", Update, {"status": "nonsense"}),
    ("estimate_states_a_time", Estimate, {"stage": "assessing"}),
    ("estimate_states_a_time", Estimate, {"stage": "initial", "restored_by": None}),
    ("estimate_states_a_time", Estimate, {"stage": "guessed"}),
]

ALLOWED = [
    (Holding, {"public_id": "x", "ref": "x", "starts_at": NOW, "ends_at": NOW}),
    (Incident, {"public_id": "x", **PLANNED, **WINDOW}),
    (Incident, {"public_id": "x", **PLANNED, **WINDOW, "status": "completed", "resolved_at": NOW}),
    (Incident, {"public_id": "x", "status": "postmortem", "resolved_at": NOW, "closed_at": NOW}),
    (Incident, {"public_id": "x", **PLANNED, **WINDOW, "next_reminder_at": SOONER, "verify_for": 10080}),
    (Incident, {"public_id": "x", **CALLED_OFF, **WINDOW}),
    (Incident, {"public_id": "x", **PLANNED, **WINDOW, "status": "verifying", "completes_at": NOW}),
    (MaintenanceSeries, {"public_id": "x", "ended_at": NOW}),
    (CheckIn, {"round": 2, "answer": "partly", "answered_at": NOW}),
    (Remedy, {"name": "x", "value": 0, "currency": "EUR"}),
    (Pool, {"capacity": 2, "taken": 2}),
    (Promise, {"public_id": "x", "state": "broken", "broken_at": NOW}),
    (Task, {"kind": "follow_up", "state": "done", "done_at": NOW}),
    (Update, {"public_id": "x", "status": "verifying"}),
    (Estimate, {"stage": "assessing", "restored_by": None}),
    (Estimate, {"stage": "confirmed"}),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("constraint", "model", "wrong"), REFUSED)
def test_the_database_refuses(constraint: str, model: type[models.Model], wrong: dict[str, object]) -> None:
    make_one_of_each()

    with pytest.raises(IntegrityError, match=constraint):
        copy(model, **wrong)

    assert model.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(("model", "right"), ALLOWED)
def test_the_database_takes(model: type[models.Model], right: dict[str, object]) -> None:
    make_one_of_each()

    copy(model, **right)

    assert model.objects.count() == 2


def test_no_check_is_untested() -> None:
    checks = {
        constraint.name
        for model in apps.get_app_config("incidents").get_models()
        for constraint in model._meta.constraints
        if isinstance(constraint, models.CheckConstraint)
    }

    assert {name for name, _, _ in REFUSED} == checks
