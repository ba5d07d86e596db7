from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.workflow_catalog_search_completed_query import (
        WorkflowCatalogSearchCompletedQuery,
    )
    from ..models.workflow_catalog_search_completed_query_filters import (
        WorkflowCatalogSearchCompletedQueryFilters,
    )
    from ..models.workflow_catalog_search_completed_results import (
        WorkflowCatalogSearchCompletedResults,
    )
    from ..models.workflow_catalog_search_completed_search_metadata import (
        WorkflowCatalogSearchCompletedSearchMetadata,
    )


T = TypeVar("T", bound="WorkflowCatalogSearchCompleted")


@_attrs_define
class WorkflowCatalogSearchCompleted:
    """event_data of `workflow.catalog.search_completed` (category workflow, action search_completed).

    Attributes:
        query_filters (WorkflowCatalogSearchCompletedQueryFilters | Unset):  Example: {'signal_type': 'OOMKilled',
            'severity': 'critical', 'component': 'deployment'}.
        results_count (int | Unset):  Example: 3.
        top_match_id (str | Unset):  Example: wf-oom-handler.
        top_match_score (float | Unset):  Example: 0.95.
        duration_ms (int | Unset):  Example: 45.
        query (WorkflowCatalogSearchCompletedQuery | Unset): top_k, min_score and filters, as searched.
        results (WorkflowCatalogSearchCompletedResults | Unset): total_found, returned and the workflows found.
        search_metadata (WorkflowCatalogSearchCompletedSearchMetadata | Unset): How the search went; duration_ms among
            others.
    """

    query_filters: WorkflowCatalogSearchCompletedQueryFilters | Unset = UNSET
    results_count: int | Unset = UNSET
    top_match_id: str | Unset = UNSET
    top_match_score: float | Unset = UNSET
    duration_ms: int | Unset = UNSET
    query: WorkflowCatalogSearchCompletedQuery | Unset = UNSET
    results: WorkflowCatalogSearchCompletedResults | Unset = UNSET
    search_metadata: WorkflowCatalogSearchCompletedSearchMetadata | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        query_filters: dict[str, Any] | Unset = UNSET
        if not isinstance(self.query_filters, Unset):
            query_filters = self.query_filters.to_dict()

        results_count = self.results_count

        top_match_id = self.top_match_id

        top_match_score = self.top_match_score

        duration_ms = self.duration_ms

        query: dict[str, Any] | Unset = UNSET
        if not isinstance(self.query, Unset):
            query = self.query.to_dict()

        results: dict[str, Any] | Unset = UNSET
        if not isinstance(self.results, Unset):
            results = self.results.to_dict()

        search_metadata: dict[str, Any] | Unset = UNSET
        if not isinstance(self.search_metadata, Unset):
            search_metadata = self.search_metadata.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if query_filters is not UNSET:
            field_dict["query_filters"] = query_filters
        if results_count is not UNSET:
            field_dict["results_count"] = results_count
        if top_match_id is not UNSET:
            field_dict["top_match_id"] = top_match_id
        if top_match_score is not UNSET:
            field_dict["top_match_score"] = top_match_score
        if duration_ms is not UNSET:
            field_dict["duration_ms"] = duration_ms
        if query is not UNSET:
            field_dict["query"] = query
        if results is not UNSET:
            field_dict["results"] = results
        if search_metadata is not UNSET:
            field_dict["search_metadata"] = search_metadata

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.workflow_catalog_search_completed_query import (
            WorkflowCatalogSearchCompletedQuery,
        )
        from ..models.workflow_catalog_search_completed_query_filters import (
            WorkflowCatalogSearchCompletedQueryFilters,
        )
        from ..models.workflow_catalog_search_completed_results import (
            WorkflowCatalogSearchCompletedResults,
        )
        from ..models.workflow_catalog_search_completed_search_metadata import (
            WorkflowCatalogSearchCompletedSearchMetadata,
        )

        d = dict(src_dict)
        _query_filters = d.pop("query_filters", UNSET)
        query_filters: WorkflowCatalogSearchCompletedQueryFilters | Unset
        if isinstance(_query_filters, Unset):
            query_filters = UNSET
        else:
            query_filters = WorkflowCatalogSearchCompletedQueryFilters.from_dict(_query_filters)

        results_count = d.pop("results_count", UNSET)

        top_match_id = d.pop("top_match_id", UNSET)

        top_match_score = d.pop("top_match_score", UNSET)

        duration_ms = d.pop("duration_ms", UNSET)

        _query = d.pop("query", UNSET)
        query: WorkflowCatalogSearchCompletedQuery | Unset
        if isinstance(_query, Unset):
            query = UNSET
        else:
            query = WorkflowCatalogSearchCompletedQuery.from_dict(_query)

        _results = d.pop("results", UNSET)
        results: WorkflowCatalogSearchCompletedResults | Unset
        if isinstance(_results, Unset):
            results = UNSET
        else:
            results = WorkflowCatalogSearchCompletedResults.from_dict(_results)

        _search_metadata = d.pop("search_metadata", UNSET)
        search_metadata: WorkflowCatalogSearchCompletedSearchMetadata | Unset
        if isinstance(_search_metadata, Unset):
            search_metadata = UNSET
        else:
            search_metadata = WorkflowCatalogSearchCompletedSearchMetadata.from_dict(_search_metadata)

        workflow_catalog_search_completed = cls(
            query_filters=query_filters,
            results_count=results_count,
            top_match_id=top_match_id,
            top_match_score=top_match_score,
            duration_ms=duration_ms,
            query=query,
            results=results,
            search_metadata=search_metadata,
        )

        workflow_catalog_search_completed.additional_properties = d
        return workflow_catalog_search_completed

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
