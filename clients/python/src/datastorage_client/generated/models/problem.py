from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.problem_field_errors import ProblemFieldErrors
    from ..models.violation import Violation


T = TypeVar("T", bound="Problem")


@_attrs_define
class Problem:
    """Problem details (RFC 9457).

    Attributes:
        type_ (str): Kind of problem; its last segment is the slug documented at /problems/<slug>.
        title (str): Short and the same for every problem of a kind.
        status (int): The HTTP status code.
        detail (str): What was wrong here, for a person.
        instance (str): Path of the request.
        request_id (str): Id of the request; quote it when you ask for help.
        errors (list[Violation] | Unset): The violations that were found.
        errors_truncated (bool | Unset): There are more violations than `errors` lists; absent otherwise.
        field_errors (ProblemFieldErrors | Unset): The first violation for each field.
        resource (str | Unset): With 409: the kind of record.
        field (str | Unset): With 409: the member that must be unique.
        value (str | Unset): With 409: its value.
    """

    type_: str
    title: str
    status: int
    detail: str
    instance: str
    request_id: str
    errors: list[Violation] | Unset = UNSET
    errors_truncated: bool | Unset = UNSET
    field_errors: ProblemFieldErrors | Unset = UNSET
    resource: str | Unset = UNSET
    field: str | Unset = UNSET
    value: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        type_ = self.type_

        title = self.title

        status = self.status

        detail = self.detail

        instance = self.instance

        request_id = self.request_id

        errors: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.errors, Unset):
            errors = []
            for errors_item_data in self.errors:
                errors_item = errors_item_data.to_dict()
                errors.append(errors_item)

        errors_truncated = self.errors_truncated

        field_errors: dict[str, Any] | Unset = UNSET
        if not isinstance(self.field_errors, Unset):
            field_errors = self.field_errors.to_dict()

        resource = self.resource

        field = self.field

        value = self.value

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "type": type_,
                "title": title,
                "status": status,
                "detail": detail,
                "instance": instance,
                "request_id": request_id,
            }
        )
        if errors is not UNSET:
            field_dict["errors"] = errors
        if errors_truncated is not UNSET:
            field_dict["errors_truncated"] = errors_truncated
        if field_errors is not UNSET:
            field_dict["field_errors"] = field_errors
        if resource is not UNSET:
            field_dict["resource"] = resource
        if field is not UNSET:
            field_dict["field"] = field
        if value is not UNSET:
            field_dict["value"] = value

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.problem_field_errors import ProblemFieldErrors
        from ..models.violation import Violation

        d = dict(src_dict)
        type_ = d.pop("type")

        title = d.pop("title")

        status = d.pop("status")

        detail = d.pop("detail")

        instance = d.pop("instance")

        request_id = d.pop("request_id")

        _errors = d.pop("errors", UNSET)
        errors: list[Violation] | Unset = UNSET
        if _errors is not UNSET:
            errors = []
            for errors_item_data in _errors:
                errors_item = Violation.from_dict(errors_item_data)

                errors.append(errors_item)

        errors_truncated = d.pop("errors_truncated", UNSET)

        _field_errors = d.pop("field_errors", UNSET)
        field_errors: ProblemFieldErrors | Unset
        if isinstance(_field_errors, Unset):
            field_errors = UNSET
        else:
            field_errors = ProblemFieldErrors.from_dict(_field_errors)

        resource = d.pop("resource", UNSET)

        field = d.pop("field", UNSET)

        value = d.pop("value", UNSET)

        problem = cls(
            type_=type_,
            title=title,
            status=status,
            detail=detail,
            instance=instance,
            request_id=request_id,
            errors=errors,
            errors_truncated=errors_truncated,
            field_errors=field_errors,
            resource=resource,
            field=field,
            value=value,
        )

        problem.additional_properties = d
        return problem

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
