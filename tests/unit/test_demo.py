"""The demo's incident: every known event type once, linked."""

from datetime import UTC, datetime

from datastorage.demo import event_types, incident
from telemetry.clock import new_event_id

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_there_are_27_event_types_each_queried_by_members_of_its_own_payload() -> None:
    known = event_types()
    assert len({kind.event_type for kind in known}) == 27
    assert all(kind.queried_by and set(kind.queried_by) <= set(kind.sample_event_data) for kind in known)


def test_an_incident_holds_each_type_once_in_order_under_one_correlation() -> None:
    bodies = incident("c-1", NOW, new_event_id)
    assert [body["event_type"] for body in bodies] == [kind.event_type for kind in event_types()]
    assert {body["correlation_id"] for body in bodies} == {"c-1"}
    times = [body["event_timestamp"] for body in bodies]
    assert times == sorted(times)
    assert times[-1] == NOW.isoformat()


def test_each_event_names_the_one_before_it_as_its_parent() -> None:
    bodies = incident("c-1", NOW, new_event_id)
    assert "parent_event_id" not in bodies[0]
    assert [body["parent_event_id"] for body in bodies[1:]] == [body["event_id"] for body in bodies[:-1]]
