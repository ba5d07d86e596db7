from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="NotificationEscalated")


@_attrs_define
class NotificationEscalated:
    """event_data of `notification.escalated` (category notification, action escalated).

    Attributes:
        notification_id (str | Unset):  Example: notif-002.
        escalation_level (int | Unset):  Example: 2.
        escalated_to (str | Unset):  Example: senior-oncall.
        escalation_reason (str | Unset):  Example: delivery_failures_exceeded_threshold.
        original_recipient (str | Unset):  Example: ops@example.com.
    """

    notification_id: str | Unset = UNSET
    escalation_level: int | Unset = UNSET
    escalated_to: str | Unset = UNSET
    escalation_reason: str | Unset = UNSET
    original_recipient: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        notification_id = self.notification_id

        escalation_level = self.escalation_level

        escalated_to = self.escalated_to

        escalation_reason = self.escalation_reason

        original_recipient = self.original_recipient

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if notification_id is not UNSET:
            field_dict["notification_id"] = notification_id
        if escalation_level is not UNSET:
            field_dict["escalation_level"] = escalation_level
        if escalated_to is not UNSET:
            field_dict["escalated_to"] = escalated_to
        if escalation_reason is not UNSET:
            field_dict["escalation_reason"] = escalation_reason
        if original_recipient is not UNSET:
            field_dict["original_recipient"] = original_recipient

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        notification_id = d.pop("notification_id", UNSET)

        escalation_level = d.pop("escalation_level", UNSET)

        escalated_to = d.pop("escalated_to", UNSET)

        escalation_reason = d.pop("escalation_reason", UNSET)

        original_recipient = d.pop("original_recipient", UNSET)

        notification_escalated = cls(
            notification_id=notification_id,
            escalation_level=escalation_level,
            escalated_to=escalated_to,
            escalation_reason=escalation_reason,
            original_recipient=original_recipient,
        )

        notification_escalated.additional_properties = d
        return notification_escalated

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
