"""What the catalog refuses."""

from __future__ import annotations

from uuid import UUID

__all__ = [
    "CatalogError",
    "ContentHashError",
    "ImmutableFieldError",
    "LabelsTooLargeError",
    "StaleWorkflowError",
    "TransitionError",
    "UnknownWorkflowError",
    "WorkflowExistsError",
]


class CatalogError(Exception):
    """The catalog refuses this; index is the item's place in a bulk request."""

    index: int | None = None


class UnknownWorkflowError(CatalogError):
    """There is no workflow with this id."""

    def __init__(self, workflow_id: UUID) -> None:
        super().__init__(f"there is no workflow {workflow_id}")


class WorkflowExistsError(CatalogError):
    """The name has this version already."""

    def __init__(self, workflow_name: str, version: str) -> None:
        self.workflow_name = workflow_name
        self.version = version
        super().__init__(f"workflow {workflow_name} has a version {version} already; choose another version")


class ContentHashError(CatalogError):
    """content_hash is not the SHA-256 of content."""

    def __init__(self, expected: str) -> None:
        super().__init__(f"content_hash must be the SHA-256 of content, {expected}")


class LabelsTooLargeError(CatalogError):
    """The labels of one version, all kinds together, are more than every worker should hold in memory."""

    def __init__(self, size: int, most: int) -> None:
        super().__init__(f"labels, detected_labels and custom_labels have {size} bytes; at most {most} are taken")


class ImmutableFieldError(CatalogError):
    """A version is what it was created as; only its lifecycle changes."""

    def __init__(self, names: list[str]) -> None:
        self.names = tuple(names)
        listed = ", ".join(names)
        super().__init__(f"{listed} cannot be changed after creation; create a new version instead")


class TransitionError(CatalogError):
    """The lifecycle has no such step."""

    def __init__(self, now: str, wanted: str, possible: frozenset[str]) -> None:
        listed = ", ".join(sorted(possible)) or "nothing: this is the end of its life"
        super().__init__(f"a workflow that is {now} cannot become {wanted}; possible: {listed}")


class StaleWorkflowError(CatalogError):
    """The workflow has changed since the client read it."""

    def __init__(self) -> None:
        super().__init__("the workflow has changed since it was read; read it again and decide anew")
