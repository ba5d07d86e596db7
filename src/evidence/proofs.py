"""Inclusion proofs of many leaves of one tree, from the log's tables."""

from __future__ import annotations

from collections import OrderedDict
from typing import Protocol

from evidence.merkle import Subtree, combine, inclusion_ranges, perfect_root, subtrees
from evidence.publish import leaf_tile
from evidence.tiles import Tile, hashes_of, tile_of

__all__ = ["Prover"]

#: Tiles that are kept: 8 KiB each.
_KEPT = 1024


class Stored(Protocol):
    """Where the log's data is: repository.sealing.SealingStore, see there."""

    def entries(self, first: int, end: int) -> bytes:
        """The entries of a range of leaves, one behind the other."""

    def nodes(self, level: int, first: int, end: int) -> list[bytes]:
        """The hashes of a range of nodes of one level."""


class Prover:
    """Proves that leaves are in the tree of `size` leaves."""

    def __init__(self, stored: Stored, size: int) -> None:
        self._stored = stored
        self._size = size
        self._tiles: OrderedDict[Tile, list[bytes]] = OrderedDict()

    def path(self, leaf: int) -> list[bytes]:
        """The hashes from the leaf to the root."""
        return [
            combine([self._hash_of(subtree) for subtree in subtrees(leaves)])
            for leaves in inclusion_ranges(leaf, self._size)
        ]

    def _hash_of(self, subtree: Subtree) -> bytes:
        tile, offset, count = tile_of(subtree, self._size)
        return perfect_root(self._hashes(tile)[offset : offset + count])

    def _hashes(self, tile: Tile) -> list[bytes]:
        if tile not in self._tiles:
            self._tiles[tile] = self._read(tile)
            if len(self._tiles) > _KEPT:
                self._tiles.popitem(last=False)
        self._tiles.move_to_end(tile)
        return self._tiles[tile]

    def _read(self, tile: Tile) -> list[bytes]:
        end = tile.first + tile.width
        if tile.level > 0:
            return self._stored.nodes(tile.level, tile.first, end)
        return hashes_of(leaf_tile(self._stored.entries(tile.first, end), tile.level))
