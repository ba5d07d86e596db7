"""JSON text as lines to look at: every number keeps its digits, every value can become a filter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

__all__ = ["MOST_LINES", "Line", "containment", "lines_of", "pretty"]

#: Lines that are drawn one by one; a longer document is shown as text.
MOST_LINES = 1500
#: Characters of a value that are shown; the rest is in the raw document.
_MOST_CHARACTERS = 2000
#: Longest filter that still fits into an address.
_LONGEST_FILTER = 1500
_INDENT = 2
_members = msgspec.json.Decoder(dict[str, msgspec.Raw])
_items = msgspec.json.Decoder(list[msgspec.Raw])
_text = msgspec.json.Decoder(str)
_quote = msgspec.json.Encoder().encode


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line. kind: `open`, `close`, or what the value is: string, number, word.

    key: the member's name, None in an array. text: the value, a string without its quotes. find: the JSON object that
    every event with this value in this place contains; empty where it would be too long.
    """

    depth: int
    kind: str
    text: str
    key: str | None = None
    find: str = ""
    comma: bool = False
    cut: int = 0


def lines_of(document: bytes) -> list[Line]:
    """The document line by line, one more than MOST_LINES where there are more."""
    found: list[Line] = []
    for line in _value(msgspec.Raw(document), depth=0, key=None, path=(), comma=False):
        found.append(line)
        if len(found) > MOST_LINES:
            break
    return found


def pretty(document: bytes) -> str:
    """The document indented, every digit and every escape as stored."""
    return msgspec.json.format(document, indent=_INDENT).decode()


def containment(path: Sequence[str | None], value: str) -> str:
    """The JSON object that holds `value` (JSON text) at `path`; None in it is an array's element."""
    for part in reversed(path):
        value = f"[{value}]" if part is None else f"{{{_quote(part).decode()}:{value}}}"
    return value


def _value(
    raw: msgspec.Raw, *, depth: int, key: str | None, path: tuple[str | None, ...], comma: bool
) -> Iterator[Line]:
    text = bytes(raw).strip()
    if text[:1] in {b"{", b"["}:
        yield from _container(text, depth=depth, key=key, path=path, comma=comma)
        return
    kind = "string" if text[:1] == b'"' else "word" if text in {b"true", b"false", b"null"} else "number"
    shown = _text.decode(text) if kind == "string" else text.decode()
    find = containment(path, text.decode()) if len(text) <= _LONGEST_FILTER else ""
    yield Line(
        depth=depth,
        kind=kind,
        text=shown[:_MOST_CHARACTERS],
        key=key,
        find=find if len(find) <= _LONGEST_FILTER else "",
        comma=comma,
        cut=max(0, len(shown) - _MOST_CHARACTERS),
    )


def _container(
    text: bytes, *, depth: int, key: str | None, path: tuple[str | None, ...], comma: bool
) -> Iterator[Line]:
    parts: list[tuple[str | None, msgspec.Raw]] = (
        list(_members.decode(text).items()) if text[:1] == b"{" else [(None, item) for item in _items.decode(text)]
    )
    opened, closed = ("{", "}") if text[:1] == b"{" else ("[", "]")
    if not parts:
        yield Line(depth=depth, kind="word", text=opened + closed, key=key, comma=comma)
        return
    yield Line(depth=depth, kind="open", text=opened, key=key)
    for index, (name, part) in enumerate(parts):
        yield from _value(part, depth=depth + 1, key=name, path=(*path, name), comma=index < len(parts) - 1)
    yield Line(depth=depth, kind="close", text=closed, comma=comma)
