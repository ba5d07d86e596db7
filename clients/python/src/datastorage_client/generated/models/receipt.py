from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field
from dateutil.parser import isoparse

from ..models.receipt_state import ReceiptState, check_receipt_state
from ..types import UNSET, Unset

T = TypeVar("T", bound="Receipt")


@_attrs_define
class Receipt:
    """
    Attributes:
        event_id (UUID):
        state (ReceiptState):
        since (datetime.datetime): When it came into this state.
        attempts (int | Unset): How often it failed alone; absent if never.
        last_error (str | Unset): Why it failed last.
    """

    event_id: UUID
    state: ReceiptState
    since: datetime.datetime
    attempts: int | Unset = UNSET
    last_error: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        event_id = str(self.event_id)

        state: str = self.state

        since = self.since.isoformat()

        attempts = self.attempts

        last_error = self.last_error

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "event_id": event_id,
                "state": state,
                "since": since,
            }
        )
        if attempts is not UNSET:
            field_dict["attempts"] = attempts
        if last_error is not UNSET:
            field_dict["last_error"] = last_error

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        event_id = UUID(d.pop("event_id"))

        state = check_receipt_state(d.pop("state"))

        since = isoparse(d.pop("since"))

        attempts = d.pop("attempts", UNSET)

        last_error = d.pop("last_error", UNSET)

        receipt = cls(
            event_id=event_id,
            state=state,
            since=since,
            attempts=attempts,
            last_error=last_error,
        )

        receipt.additional_properties = d
        return receipt

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
