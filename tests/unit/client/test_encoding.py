"""What `store` takes, and what it refuses before anything is buffered."""

import json
import uuid
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from datastorage_client._ids import uuid7
from datastorage_client.buffered.encoding import encode_event, event_id_of
from datastorage_client.errors import InvalidEventError
from datastorage_client.generated.models import AuditEventRequest, AuditEventRequestEventData
from tests.unit.client.doubles import event


def refusal(**members):
    with pytest.raises(InvalidEventError) as caught:
        encode_event(event(**members))
    return caught.value


def test_an_event_gets_a_uuidv7_and_its_text_starts_with_it():
    event_id, payload = encode_event(event())
    assert uuid.UUID(event_id).version == 7
    assert event_id_of(payload) == event_id == json.loads(payload)["event_id"]


def test_ids_do_not_repeat_and_sort_by_time():
    ids = [uuid7() for _ in range(20_000)]
    assert len(set(ids)) == len(ids)
    assert sorted(one[:13] for one in ids) == [one[:13] for one in ids]


def test_an_id_of_the_caller_is_kept_in_canonical_form():
    own = uuid.uuid4()
    assert encode_event(event(event_id=own))[0] == str(own)
    assert encode_event(event(event_id=str(own).upper()))[0] == str(own)


def test_a_generated_model_and_its_dictionary_are_the_same_event():
    model = AuditEventRequest(
        version="1.0",
        event_type="t",
        event_category="gateway",
        event_action="a",
        event_outcome="success",
        event_timestamp=datetime.now(UTC),
        correlation_id="c",
        event_data=AuditEventRequestEventData.from_dict({"k": [1, None]}),
        event_id=uuid.uuid4(),
    )
    assert encode_event(model)[1] == encode_event(model.to_dict())[1]


def test_every_digit_of_a_number_is_written():
    data = {"a": Decimal("0.1000000000000000055511151231257827"), "b": [Decimal("1E+3"), 2**70], "c": "decimal-x:1"}
    text = encode_event(event(event_data=data))[1].decode()
    assert '{"a":0.1000000000000000055511151231257827,"b":[1E+3,1180591620717411303424],"c":"decimal-x:1"}' in text


def test_dates_and_ids_become_text():
    at, one = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), uuid.uuid4()
    members = json.loads(encode_event(event(event_timestamp=at, event_data={"at": at, "id": one}))[1])
    assert members["event_timestamp"] == "2026-01-02T03:04:05+00:00"
    assert members["event_data"] == {"at": "2026-01-02T03:04:05+00:00", "id": str(one)}


def test_what_is_taken_is_a_copy():
    data = {"k": "before"}
    _, payload = encode_event(event(event_data=data))
    data["k"] = "after"
    assert json.loads(payload)["event_data"] == {"k": "before"}


@pytest.mark.parametrize("name", [name for name in event() if name != "event_id"])
def test_a_missing_member_is_named(name):
    whole = event()
    del whole[name]
    with pytest.raises(InvalidEventError, match=f"{name} is required") as caught:
        encode_event(whole)
    assert [error.pointer for error in caught.value.errors] == [f"#/{name}"]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("event_type", "x" * 101, "has 101 characters; at most 100"),
        ("event_type", "", "has 0 characters; at least 1"),
        ("version", 1, "must be a string, not int"),
        ("event_outcome", "maybe", "must be one of failure, pending, success; got 'maybe'"),
        ("event_data", "text", "must be an object, not str"),
        ("event_timestamp", "2026-01-02", "RFC 3339"),
        ("event_timestamp", datetime(2026, 1, 2), "RFC 3339"),  # noqa: DTZ001 - that it has no zone is the point
        ("duration_ms", -1, "must be an integer from 0 to 2147483647"),
        ("duration_ms", True, "must be an integer"),
        ("parent_event_id", "x", "must be a UUID"),
        ("trace_id", "XYZ", "must be text that matches"),
        ("actor_id", None, "must be a string"),
    ],
)
def test_a_broken_rule_of_the_contract_is_explained(name, value, said):
    error = refusal(**{name: value})
    assert [one.pointer for one in error.errors] == [f"#/{name}"]
    assert said in str(error)


def test_every_violation_is_listed():
    assert {one.pointer for one in refusal(event_type=1, event_outcome="no", event_data=[]).errors} == {
        "#/event_type",
        "#/event_outcome",
        "#/event_data",
    }


def test_null_is_taken_where_the_contract_takes_it():
    assert json.loads(encode_event(event(namespace=None, duration_ms=None))[1])["namespace"] is None


def deep():
    nested = []
    for _ in range(100_000):
        nested = [nested]
    return nested


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), Decimal("NaN"), "\ud800", {1, 2}, object(), deep()],
    ids=["nan", "inf", "decimal nan", "surrogate", "set", "object", "deep"],
)
def test_what_json_cannot_hold_is_refused(value):
    assert "cannot be written as JSON" in str(refusal(event_data={"v": value}))
