"""The layout of C2SP tlog-tiles: the tree as immutable files of up to 256 hashes, the entries in bundles."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from evidence.merkle import HASH_SIZE, Subtree

__all__ = [
    "CHECKPOINT_PATH",
    "WIDTH",
    "Tile",
    "bundle",
    "entries_of",
    "hashes_of",
    "parse_path",
    "tile_of",
    "tiles_between",
]

#: Hashes in a full tile, entries in a full bundle.
WIDTH = 256
#: Where the checkpoint is, beside the tiles.
CHECKPOINT_PATH = "checkpoint"
#: The level that stands for entry bundles.
ENTRIES = -1
_HEIGHT = 8
_MAX_LEVEL = 7  # 256**8 leaves are more than 63 bits count
_PATH = re.compile(r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


class Tile(NamedTuple):
    """Where a tile is: its level (0 holds leaf hashes, ENTRIES the entries themselves), its number there, its width."""

    level: int
    number: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """The tile's path below the log's prefix."""
        parts = [f"{self.number % 1000:03d}"]
        rest = self.number // 1000
        while rest:
            parts.append(f"x{rest % 1000:03d}")
            rest //= 1000
        level = "entries" if self.level == ENTRIES else str(self.level)
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{level}/{'/'.join(reversed(parts))}{partial}"

    @property
    def first(self) -> int:
        """The index, within its level, of the tile's first hash or entry."""
        return self.number * WIDTH


def parse_path(path: str) -> Tile | None:
    """The tile that `path` names; None if it is no such path or not in its only spelling."""
    match = _PATH.fullmatch(path)
    if match is None:
        return None
    level, digits, width = match.groups()
    index = int(digits.replace("x", "").replace("/", ""))
    tile = Tile(ENTRIES if level == "entries" else int(level), index, int(width) if width else WIDTH)
    return tile if tile.level <= _MAX_LEVEL and tile.path == path else None


def tile_of(subtree: Subtree, size: int) -> tuple[Tile, int, int]:
    """Where the hashes of `subtree` are in a tree of `size` leaves: the tile, the first hash in it, and how many."""
    level, rest = divmod(subtree.height, _HEIGHT)
    first = subtree.number << rest
    index, offset = divmod(first, WIDTH)
    width = min(WIDTH, (size >> (_HEIGHT * level)) - index * WIDTH)
    return Tile(level, index, width), offset, 1 << rest


def tiles_between(old: int, new: int) -> Iterator[Tile]:
    """The tiles and bundles that a log must publish when its tree grows from `old` to `new` leaves, leaves first."""
    for level in range(ENTRIES, _MAX_LEVEL + 1):
        shift = _HEIGHT * max(level, 0)
        before, after = old >> shift, new >> shift
        if before == after:
            if level == ENTRIES:
                continue
            return
        for index in range(before // WIDTH, -(-after // WIDTH)):
            yield Tile(level, index, min(WIDTH, after - index * WIDTH))


def bundle(entries: Sequence[bytes]) -> bytes:
    """An entry bundle: each entry behind its length."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def entries_of(data: bytes) -> list[bytes]:
    """The entries of a bundle. Raises ValueError if it is cut short."""
    entries: list[bytes] = []
    place = 0
    while place < len(data):
        length = int.from_bytes(data[place : place + 2], "big")
        place += 2
        if place + length > len(data):
            raise ValueError("the entry bundle is cut short")
        entries.append(data[place : place + length])
        place += length
    return entries


def hashes_of(data: bytes) -> list[bytes]:
    """The hashes of a tile. Raises ValueError if it is cut short."""
    if len(data) % HASH_SIZE:
        raise ValueError("the tile is cut short")
    return [data[place : place + HASH_SIZE] for place in range(0, len(data), HASH_SIZE)]
