from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="GatewaySignalReceived")


@_attrs_define
class GatewaySignalReceived:
    """event_data of `gateway.signal.received` (category gateway, action received).

    Attributes:
        alert_name (str | Unset):  Example: HighCPU.
        signal_fingerprint (str | Unset):  Example: fp-abc123.
        namespace (str | Unset):  Example: production.
        cluster (str | Unset):  Example: prod-us-east-1.
        is_duplicate (bool | Unset):
        action (str | Unset):  Example: created_crd.
    """

    alert_name: str | Unset = UNSET
    signal_fingerprint: str | Unset = UNSET
    namespace: str | Unset = UNSET
    cluster: str | Unset = UNSET
    is_duplicate: bool | Unset = UNSET
    action: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        alert_name = self.alert_name

        signal_fingerprint = self.signal_fingerprint

        namespace = self.namespace

        cluster = self.cluster

        is_duplicate = self.is_duplicate

        action = self.action

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if alert_name is not UNSET:
            field_dict["alert_name"] = alert_name
        if signal_fingerprint is not UNSET:
            field_dict["signal_fingerprint"] = signal_fingerprint
        if namespace is not UNSET:
            field_dict["namespace"] = namespace
        if cluster is not UNSET:
            field_dict["cluster"] = cluster
        if is_duplicate is not UNSET:
            field_dict["is_duplicate"] = is_duplicate
        if action is not UNSET:
            field_dict["action"] = action

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        alert_name = d.pop("alert_name", UNSET)

        signal_fingerprint = d.pop("signal_fingerprint", UNSET)

        namespace = d.pop("namespace", UNSET)

        cluster = d.pop("cluster", UNSET)

        is_duplicate = d.pop("is_duplicate", UNSET)

        action = d.pop("action", UNSET)

        gateway_signal_received = cls(
            alert_name=alert_name,
            signal_fingerprint=signal_fingerprint,
            namespace=namespace,
            cluster=cluster,
            is_duplicate=is_duplicate,
            action=action,
        )

        gateway_signal_received.additional_properties = d
        return gateway_signal_received

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
