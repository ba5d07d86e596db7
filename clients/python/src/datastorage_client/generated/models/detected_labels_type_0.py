from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.detected_labels_type_0_git_ops_tool_type_0 import (
    DetectedLabelsType0GitOpsToolType0,
    check_detected_labels_type_0_git_ops_tool_type_0,
)
from ..models.detected_labels_type_0_service_mesh_type_0 import (
    DetectedLabelsType0ServiceMeshType0,
    check_detected_labels_type_0_service_mesh_type_0,
)
from ..models.failed_detections_item import (
    FailedDetectionsItem,
    check_failed_detections_item,
)
from ..types import UNSET, Unset

T = TypeVar("T", bound="DetectedLabelsType0")


@_attrs_define
class DetectedLabelsType0:
    """What was detected in the cluster; text may be `*`. Further labels are text, true or false. In a search: the labels
    that a workflow should have; false and empty ones do not count.

        Attributes:
            git_ops_managed (bool | None | Unset):
            git_ops_tool (DetectedLabelsType0GitOpsToolType0 | None | Unset):
            pdb_protected (bool | None | Unset):
            service_mesh (DetectedLabelsType0ServiceMeshType0 | None | Unset):
            network_isolated (bool | None | Unset):
            helm_managed (bool | None | Unset):
            stateful (bool | None | Unset):
            hpa_enabled (bool | None | Unset):
            failed_detections (list[FailedDetectionsItem] | Unset): Labels whose detection failed; they do not count.
    """

    git_ops_managed: bool | None | Unset = UNSET
    git_ops_tool: DetectedLabelsType0GitOpsToolType0 | None | Unset = UNSET
    pdb_protected: bool | None | Unset = UNSET
    service_mesh: DetectedLabelsType0ServiceMeshType0 | None | Unset = UNSET
    network_isolated: bool | None | Unset = UNSET
    helm_managed: bool | None | Unset = UNSET
    stateful: bool | None | Unset = UNSET
    hpa_enabled: bool | None | Unset = UNSET
    failed_detections: list[FailedDetectionsItem] | Unset = UNSET
    additional_properties: dict[str, bool | None | str] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        git_ops_managed: bool | None | Unset
        if isinstance(self.git_ops_managed, Unset):
            git_ops_managed = UNSET
        else:
            git_ops_managed = self.git_ops_managed

        git_ops_tool: None | str | Unset
        if isinstance(self.git_ops_tool, Unset):
            git_ops_tool = UNSET
        elif isinstance(self.git_ops_tool, str):
            git_ops_tool = self.git_ops_tool
        else:
            git_ops_tool = self.git_ops_tool

        pdb_protected: bool | None | Unset
        if isinstance(self.pdb_protected, Unset):
            pdb_protected = UNSET
        else:
            pdb_protected = self.pdb_protected

        service_mesh: None | str | Unset
        if isinstance(self.service_mesh, Unset):
            service_mesh = UNSET
        elif isinstance(self.service_mesh, str):
            service_mesh = self.service_mesh
        else:
            service_mesh = self.service_mesh

        network_isolated: bool | None | Unset
        if isinstance(self.network_isolated, Unset):
            network_isolated = UNSET
        else:
            network_isolated = self.network_isolated

        helm_managed: bool | None | Unset
        if isinstance(self.helm_managed, Unset):
            helm_managed = UNSET
        else:
            helm_managed = self.helm_managed

        stateful: bool | None | Unset
        if isinstance(self.stateful, Unset):
            stateful = UNSET
        else:
            stateful = self.stateful

        hpa_enabled: bool | None | Unset
        if isinstance(self.hpa_enabled, Unset):
            hpa_enabled = UNSET
        else:
            hpa_enabled = self.hpa_enabled

        failed_detections: list[str] | Unset = UNSET
        if not isinstance(self.failed_detections, Unset):
            failed_detections = []
            for componentsschemas_failed_detections_item_data in self.failed_detections:
                componentsschemas_failed_detections_item: str = componentsschemas_failed_detections_item_data
                failed_detections.append(componentsschemas_failed_detections_item)

        field_dict: dict[str, Any] = {}
        for prop_name, prop in self.additional_properties.items():
            field_dict[prop_name] = prop

        field_dict.update({})
        if git_ops_managed is not UNSET:
            field_dict["gitOpsManaged"] = git_ops_managed
        if git_ops_tool is not UNSET:
            field_dict["gitOpsTool"] = git_ops_tool
        if pdb_protected is not UNSET:
            field_dict["pdbProtected"] = pdb_protected
        if service_mesh is not UNSET:
            field_dict["serviceMesh"] = service_mesh
        if network_isolated is not UNSET:
            field_dict["networkIsolated"] = network_isolated
        if helm_managed is not UNSET:
            field_dict["helmManaged"] = helm_managed
        if stateful is not UNSET:
            field_dict["stateful"] = stateful
        if hpa_enabled is not UNSET:
            field_dict["hpaEnabled"] = hpa_enabled
        if failed_detections is not UNSET:
            field_dict["failed_detections"] = failed_detections

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_git_ops_managed(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        git_ops_managed = _parse_git_ops_managed(d.pop("gitOpsManaged", UNSET))

        def _parse_git_ops_tool(data: object) -> DetectedLabelsType0GitOpsToolType0 | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                git_ops_tool_type_0 = check_detected_labels_type_0_git_ops_tool_type_0(data)

                return git_ops_tool_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(DetectedLabelsType0GitOpsToolType0 | None | Unset, data)

        git_ops_tool = _parse_git_ops_tool(d.pop("gitOpsTool", UNSET))

        def _parse_pdb_protected(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        pdb_protected = _parse_pdb_protected(d.pop("pdbProtected", UNSET))

        def _parse_service_mesh(data: object) -> DetectedLabelsType0ServiceMeshType0 | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                service_mesh_type_0 = check_detected_labels_type_0_service_mesh_type_0(data)

                return service_mesh_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(DetectedLabelsType0ServiceMeshType0 | None | Unset, data)

        service_mesh = _parse_service_mesh(d.pop("serviceMesh", UNSET))

        def _parse_network_isolated(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        network_isolated = _parse_network_isolated(d.pop("networkIsolated", UNSET))

        def _parse_helm_managed(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        helm_managed = _parse_helm_managed(d.pop("helmManaged", UNSET))

        def _parse_stateful(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        stateful = _parse_stateful(d.pop("stateful", UNSET))

        def _parse_hpa_enabled(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        hpa_enabled = _parse_hpa_enabled(d.pop("hpaEnabled", UNSET))

        _failed_detections = d.pop("failed_detections", UNSET)
        failed_detections: list[FailedDetectionsItem] | Unset = UNSET
        if _failed_detections is not UNSET:
            failed_detections = []
            for componentsschemas_failed_detections_item_data in _failed_detections:
                componentsschemas_failed_detections_item = check_failed_detections_item(
                    componentsschemas_failed_detections_item_data
                )

                failed_detections.append(componentsschemas_failed_detections_item)

        detected_labels_type_0 = cls(
            git_ops_managed=git_ops_managed,
            git_ops_tool=git_ops_tool,
            pdb_protected=pdb_protected,
            service_mesh=service_mesh,
            network_isolated=network_isolated,
            helm_managed=helm_managed,
            stateful=stateful,
            hpa_enabled=hpa_enabled,
            failed_detections=failed_detections,
        )

        additional_properties = {}
        for prop_name, prop_dict in d.items():

            def _parse_additional_property(data: object) -> bool | None | str:
                if data is None:
                    return data
                return cast(bool | None | str, data)

            additional_property = _parse_additional_property(prop_dict)

            additional_properties[prop_name] = additional_property

        detected_labels_type_0.additional_properties = additional_properties
        return detected_labels_type_0

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> bool | None | str:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: bool | None | str) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
