"""What the edge hands to a handler and takes back: framework-free."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any, Generic, TypeAlias, TypeVar
from urllib.parse import parse_qsl, quote, urlencode

import msgspec

from access.grants import NOBODY, Grant
from web.problems import Violation

__all__ = ["AnyRequest", "AnyResponse", "Request", "Response", "json_response", "link_to_next"]

#: What may stand in a path as it is (RFC 3986, section 3.3).
_PATH_SAFE = "/:@!$&'()*+,;="
_encode = msgspec.json.Encoder(decimal_format="number", uuid_format="canonical").encode


#: What the contract makes of an operation: the types of its body, its query and path parameters, and its answer's body.
Document = TypeVar("Document")
Query = TypeVar("Query")
Path = TypeVar("Path")
Body = TypeVar("Body")
Body_co = TypeVar("Body_co", covariant=True)


class Request(msgspec.Struct, Generic[Document, Query, Path], frozen=True, kw_only=True):
    """One request, validated against the contract; contract.generated.operations has the types of each operation.

    body is the raw JSON text (decompressed); document is the same parsed once by the validator, decimals as Decimal.
    query holds the parameters with the contract's types and defaults applied. headers have lower-case names.
    violations: what is wrong with the body, for the operations that report it together with what they find themselves
    (`x-violations: handler` in the contract); empty for all others. media_type: the one that the client likes best of
    those that the operation offers. grant: who asks, and what they may do.
    """

    operation_id: str
    method: str
    path: str
    request_id: str
    path_params: Path
    query: Query
    headers: Mapping[str, str]
    document: Document
    query_string: str = ""
    body: bytes = b""
    violations: tuple[Violation, ...] = ()
    media_type: str = "application/json"
    grant: Grant = NOBODY

    @property
    def unchecked(self) -> object:
        """The document where `violations` may say that it is not what the contract asks for."""
        return self.document


class Response(msgspec.Struct, Generic[Body_co], frozen=True, kw_only=True):
    """An answer; Body_co is what its JSON is made of.

    body is either all the bytes or an async iterator of chunks, which is closed if the client leaves.
    """

    status: int
    body: bytes | AsyncIterator[bytes] = b""
    media_type: str = "application/json"
    headers: Mapping[str, str] = {}


AnyRequest: TypeAlias = Request[Any, Any, Any]
AnyResponse: TypeAlias = Response[Any]


def json_response(value: Body, status: int = 200, headers: Mapping[str, str] | None = None) -> Response[Body]:
    """`value` as JSON. msgspec structs, datetimes, UUIDs, Decimals (as numbers) and Raw JSON text are understood."""
    return Response(status=status, body=_encode(value), headers=headers or {})


def link_to_next(request: AnyRequest, cursor: str | None) -> dict[str, str]:
    """The Link header (RFC 8288) to the next page; none without a cursor."""
    if cursor is None:
        return {}
    asked = parse_qsl(request.query_string, keep_blank_values=True)
    kept = [(name, value) for name, value in asked if name not in {"cursor", "offset"}]
    address = quote(request.path, safe=_PATH_SAFE)
    return {"Link": f'<{address}?{urlencode([*kept, ("cursor", cursor)])}>; rel="next"'}
