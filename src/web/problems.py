"""Problem details (RFC 9457): every error that a client sees is made of one of these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

__all__ = ["CATALOGUE", "MAX_VIOLATIONS", "Problem", "ProblemKind", "Violation", "validation_problem"]

#: Violations that one problem lists; `errors_truncated` says that there are more.
MAX_VIOLATIONS = 100
#: Characters of one pointer, detail or field name: a client's own keys must not come back a hundred times.
_MAX_TEXT = 500
#: Characters of a problem's own detail.
_MAX_DETAIL = 10_000


class ProblemKind(NamedTuple):
    """A documented kind of problem: the slug of its type, its status, its title and what to do about it."""

    slug: str
    status: int
    title: str
    advice: str


_KINDS = (
    ProblemKind("validation-error", 400, "Validation Error", "Correct the members that `errors` points at."),
    ProblemKind(
        "immutable-field-violation", 400, "Immutable Field", "Create a new version instead of changing this one."
    ),
    ProblemKind("malformed-request", 400, "Bad Request", "Send a valid HTTP/1.1 request."),
    ProblemKind("unauthorized", 401, "Unauthorized", "Send valid credentials."),
    ProblemKind(
        "forbidden",
        403,
        "Forbidden",
        "Ask for the scope that the operation names; a page of another site may not write.",
    ),
    ProblemKind("not-found", 404, "Not Found", "Check the address and the identifier in it."),
    ProblemKind("method-not-allowed", 405, "Method Not Allowed", "Use one of the methods in the Allow header."),
    ProblemKind("not-acceptable", 406, "Not Acceptable", "Ask for a media type that the operation offers."),
    ProblemKind("request-timeout", 408, "Request Timeout", "Send the request without pauses; it was not used."),
    ProblemKind("conflict", 409, "Resource Conflict", "Read the stored record; choose another identifier or version."),
    ProblemKind(
        "precondition-failed", 412, "Precondition Failed", "Read the record again and retry with its new ETag."
    ),
    ProblemKind("payload-too-large", 413, "Payload Too Large", "Send fewer or smaller records in one request."),
    ProblemKind("uri-too-long", 414, "URI Too Long", "Shorten the query string."),
    ProblemKind("unsupported-media-type", 415, "Unsupported Media Type", "Send the body as application/json."),
    ProblemKind("misdirected-request", 421, "Misdirected Request", "Use a name that the setting allowed_hosts lists."),
    ProblemKind("headers-too-large", 431, "Request Header Fields Too Large", "Send fewer and shorter headers."),
    ProblemKind("too-many-requests", 429, "Too Many Requests", "Wait as long as the Retry-After header says."),
    ProblemKind("internal-error", 500, "Internal Error", "Report the request_id to the service's operators."),
    ProblemKind("service-unavailable", 503, "Service Unavailable", "Nothing was changed. Ask again after Retry-After."),
    ProblemKind("outcome-unknown", 503, "Outcome Unknown", "It may be stored. Send it again with the same id."),
    ProblemKind("query-timeout", 503, "Query Timeout", "Narrow the query: a shorter time range or one correlation."),
)

#: Every kind by its slug; the service documents each at /problems/<slug>.
CATALOGUE: Mapping[str, ProblemKind] = {kind.slug: kind for kind in _KINDS}


class Violation(NamedTuple):
    """One broken rule. pointer is a JSON Pointer into the body with `#` in front, or `#/query/<name>`.

    alone: there may be more like it that were not looked for.
    """

    pointer: str
    detail: str
    field: str
    reason: str = "invalid"
    alone: bool = False

    @property
    def label(self) -> str:
        """The field as a metric's label: names that clients invent must not become series without end."""
        return "other" if self.reason in {"unknown", "storable"} else self.field.partition(".")[0]


class Problem(Exception):  # noqa: N818 - named as in RFC 9457
    """An error to answer with. Raised anywhere above the edge, rendered in one place.

    slug: a key of CATALOGUE. extensions: further members of the problem's document. Of `errors` the first
    MAX_VIOLATIONS are kept, long texts cut short.
    """

    def __init__(
        self,
        slug: str,
        detail: str,
        *,
        title: str | None = None,
        errors: Sequence[Violation] = (),
        headers: Mapping[str, str] | None = None,
        extensions: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind = CATALOGUE[slug]
        self.detail = _cut(detail, _MAX_DETAIL)
        self.title = title or self.kind.title
        self.errors = tuple(_bounded(violation) for violation in errors[:MAX_VIOLATIONS])
        self.errors_truncated = len(errors) > MAX_VIOLATIONS or any(violation.alone for violation in errors)
        self.headers = dict(headers or {})
        self.extensions = dict(extensions or {})

    def document(self, *, base: str, instance: str, request_id: str) -> dict[str, Any]:
        """The JSON document of this problem. base: the address that `type` starts with, without a trailing slash."""
        document: dict[str, Any] = {
            "type": f"{base}/{self.kind.slug}",
            "title": self.title,
            "status": self.kind.status,
            "detail": self.detail,
            "instance": instance,
            "request_id": request_id,
        }
        if self.errors:
            document["errors"] = [{"pointer": v.pointer, "detail": v.detail} for v in self.errors]
            document["field_errors"] = {v.field: v.detail for v in reversed(self.errors)}
        if self.errors_truncated:
            document["errors_truncated"] = True
        return document | self.extensions


def validation_problem(errors: Sequence[Violation], *, prefix: str = "") -> Problem:
    """One 400 for all that is wrong with a request; its detail repeats the violations."""
    listed = "; ".join(_cut(violation.detail, _MAX_TEXT) for violation in errors[:MAX_VIOLATIONS])
    return Problem("validation-error", prefix + listed, errors=errors)


def _bounded(violation: Violation) -> Violation:
    pointer, detail, field = (_cut(text, _MAX_TEXT) for text in violation[:3])
    return violation._replace(pointer=pointer, detail=detail, field=field)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "\N{HORIZONTAL ELLIPSIS}"
