"""The log as its readers see it: checkpoint, tiles, and the proof that one event is in it."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple, Protocol
from uuid import UUID

from evidence.canonical import ENTRY_SIZE
from evidence.checkpoint import Checkpoint
from evidence.merkle import EMPTY_ROOT, Subtree, combine, inclusion_ranges, perfect_root, subtrees
from evidence.note import Signer, sign_note
from evidence.publish import leaf_tile
from evidence.tiles import Tile, hashes_of, tile_of
from repository.evidence_reads import Pending, SealedTree
from repository.stored_events import StoredEvent

__all__ = ["Log", "LogState", "Proof"]


class LogReads(Protocol):
    """Where the log's data is: repository.evidence_reads.EvidenceReads, see there."""

    async def origin(self) -> str:
        """The log's name."""

    async def tree(self) -> SealedTree | None:
        """The newest tree."""

    async def entries(self, first: int, end: int) -> bytes:
        """The entries of a range of leaves."""

    async def nodes(self, level: int, first: int, end: int) -> list[bytes]:
        """The hashes of a range of nodes of one level."""

    async def index_of(self, event_id: UUID, event_date: date) -> int | None:
        """The leaf of a stored event."""

    async def pending(self) -> Pending:
        """What is not sealed yet."""


class Proof(NamedTuple):
    """That an entry is in the tree of `checkpoint`: its leaf, the hashes from there to the root, the signed note."""

    entry: bytes
    leaf: int
    path: Sequence[bytes]
    checkpoint: Checkpoint
    note: str

    @property
    def text(self) -> str:
        """The proof as C2SP tlog-proof has it; its extra data is the entry."""
        lines = [
            "c2sp.org/tlog-proof@v1",
            f"extra {base64.b64encode(self.entry).decode()}",
            f"index {self.leaf}",
            *(base64.b64encode(hash_).decode() for hash_ in self.path),
        ]
        return "\n".join([*lines, "", self.note])


class LogState(NamedTuple):
    """How far the log is. tree is None before the first seal; keys: the public keys that sign it, if any."""

    origin: str
    tree: SealedTree | None
    pending: Pending
    keys: Sequence[str]


class Log:
    """The log of one database. signers: who signs its checkpoints; none leaves them unsigned."""

    def __init__(self, reads: LogReads, signers: Sequence[Signer]) -> None:
        self._reads = reads
        self._signers = signers

    async def checkpoint(self) -> tuple[Checkpoint, str]:
        """The newest checkpoint, and its note."""
        tree = await self._reads.tree()
        origin = await self._reads.origin() or "datastorage"
        checkpoint = Checkpoint(origin, tree.size, tree.root) if tree else Checkpoint(origin, 0, EMPTY_ROOT)
        return checkpoint, self._note(checkpoint, tree.cosignatures if tree else "")

    def _note(self, checkpoint: Checkpoint, cosignatures: str) -> str:
        """The signed note of a checkpoint; without a key its text alone."""
        return sign_note(checkpoint.text, self._signers) + cosignatures if self._signers else checkpoint.text

    async def tile(self, tile: Tile) -> bytes | None:
        """A tile or an entry bundle; None where the log does not reach that far."""
        first, end = tile.first, tile.first + tile.width
        if tile.level > 0:
            hashes = await self._reads.nodes(tile.level, first, end)
            return b"".join(hashes) if len(hashes) == tile.width else None
        entries = await self._reads.entries(first, end)
        return leaf_tile(entries, tile.level) if len(entries) == tile.width * ENTRY_SIZE else None

    async def prove(self, event: StoredEvent) -> Proof | None:
        """The proof that a stored event is in the newest tree; None while it is not sealed."""
        index = await self._reads.index_of(event.event_id, event.event_date)
        if index is None:
            return None
        checkpoint, note = await self.checkpoint()
        if index >= checkpoint.size:  # a standby that is behind the server that knew the index
            return None
        tiles = _Tiles(self, checkpoint.size)
        path = [
            combine([await tiles.hash_of(subtree) for subtree in subtrees(leaves)])
            for leaves in inclusion_ranges(index, checkpoint.size)
        ]
        return Proof(await self._reads.entries(index, index + 1), index, path, checkpoint, note)

    async def state(self) -> LogState:
        """How far the log is."""
        names = [str(signer.verifier) for signer in self._signers]
        return LogState(await self._reads.origin(), await self._reads.tree(), await self._reads.pending(), names)


class _Tiles:
    """The hashes of one tree; each tile is read once."""

    def __init__(self, log: Log, size: int) -> None:
        self._log = log
        self._size = size
        self._tiles: dict[Tile, bytes] = {}

    async def hash_of(self, subtree: Subtree) -> bytes:
        tile, offset, count = tile_of(subtree, self._size)
        if tile not in self._tiles:
            data = await self._log.tile(tile)
            if data is None:
                raise LookupError(f"{tile.path} is missing in a tree of {self._size} leaves")
            self._tiles[tile] = data
        data = self._tiles[tile]
        return perfect_root(hashes_of(data)[offset : offset + count])
