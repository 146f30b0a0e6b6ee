"""Who among staff may do what. Django's own permissions of each noun, under the names of the deeds they stand for."""

DECLARE = "incidents.add_incident"
CHANGE_INCIDENT = "incidents.change_incident"
PLAN_SERIES = "incidents.add_maintenanceseries"
CHANGE_SERIES = "incidents.change_maintenanceseries"
POST_UPDATE = "incidents.add_update"
PUBLISH_ESTIMATE = "incidents.add_estimate"
ATTACH_OFFER = "incidents.add_offer"
CHANGE_OFFER = "incidents.change_offer"
CHOOSE = "incidents.add_choice"
CANCEL_CHOICE = "incidents.change_choice"
RESTORE_IMPACT = "incidents.change_impact"
DO_TASKS = "incidents.change_task"
IMPORT_HOLDINGS = "incidents.add_holding"

# Everybody on the staff may look at these.
_LOOK = frozenset(
    f"incidents.view_{noun}"
    for noun in (
        "page",
        "customergroup",
        "readtoken",
        "componentgroup",
        "component",
        "customer",
        "holding",
        "membership",
        "incident",
        "maintenanceseries",
        "affectedcomponent",
        "scope",
        "update",
        "estimate",
        "impact",
        "remedy",
        "offer",
        "pool",
        "choice",
        "promise",
        "task",
        "checkin",
        "rating",
        "event",
    )
)
_TELL = frozenset({DECLARE, CHANGE_INCIDENT, PLAN_SERIES, CHANGE_SERIES, POST_UPDATE, PUBLISH_ESTIMATE})
_MAKE_GOOD = frozenset({ATTACH_OFFER, CHANGE_OFFER, "incidents.add_pool", "incidents.change_pool"}) | {
    CHOOSE,
    CANCEL_CHOICE,
    RESTORE_IMPACT,
    DO_TASKS,
}
_ARRANGE = frozenset(
    f"incidents.{deed}_{noun}"
    for deed in ("add", "change")
    for noun in (
        "page",
        "componentgroup",
        "component",
        "remedy",
        "customer",
        "holding",
        "membership",
        "user",
        "customergroup",
        "readtoken",
    )
)

COMMUNICATOR = "communicator"
RECOVERY_AGENT = "recovery agent"
MANAGER = "manager"

ROLES: dict[str, frozenset[str]] = {
    COMMUNICATOR: _LOOK | _TELL,
    RECOVERY_AGENT: _LOOK | _MAKE_GOOD,
    MANAGER: _LOOK | _TELL | _MAKE_GOOD | _ARRANGE | {"incidents.view_user"},
}
