"""The right edge of a growing tree: all that is needed to append leaves and to know the root."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from evidence.merkle import Range, combine, perfect_root, subtrees
from evidence.tiles import WIDTH

__all__ = ["Edge", "Node"]

_LEVELS = 8


class Node(NamedTuple):
    """The hash over a complete subtree of 256**level leaves, the `number`-th of its level."""

    level: int
    number: int
    hash: bytes


class Edge:
    """The hashes of the incomplete tile of each level: fewer than 256 a level, whatever the tree's size.

    tiles: for each level from 0 on, the hashes of its incomplete tile; absent levels are empty.
    """

    def __init__(self, size: int = 0, tiles: Sequence[Sequence[bytes]] = ()) -> None:
        self.size = size
        self._tiles: list[list[bytes]] = [[] for _ in range(_LEVELS)]
        for level, hashes in enumerate(tiles):
            self._tiles[level] = list(hashes)
        for level, kept in enumerate(self._tiles):
            if len(kept) != (size >> (8 * level)) % WIDTH:
                raise ValueError(f"level {level} of a tree of {size} leaves has {len(kept)} hashes in its last tile")

    def append(self, leaves: Iterable[bytes]) -> list[Node]:
        """Append leaf hashes; returns the nodes of level 1 and above that are complete now."""
        made: list[Node] = []
        for leaf in leaves:
            self.size += 1
            self._tiles[0].append(leaf)
            level = 0
            while len(self._tiles[level]) == WIDTH:
                whole = perfect_root(self._tiles[level])
                self._tiles[level] = []
                level += 1
                self._tiles[level].append(whole)
                made.append(Node(level, (self.size >> (8 * level)) - 1, whole))
        return made

    def root(self) -> bytes:
        """The root of the tree."""
        return combine([self._hash_of(subtree.height, subtree.number) for subtree in subtrees(Range(0, self.size))])

    def _hash_of(self, height: int, number: int) -> bytes:
        level, rest = divmod(height, 8)
        offset = (number << rest) % WIDTH
        return perfect_root(self._tiles[level][offset : offset + (1 << rest)])
