"""How a buffered store behaves, checked when it is made."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal, get_args

__all__ = ["StoreSettings", "WhenFull"]

WhenFull = Literal["raise", "drop_newest", "drop_oldest", "block", "spill"]
_MIB = 1 << 20
#: What the service takes in one request, less the brackets.
_BODY_MAX_BYTES = 5 * _MIB - 2
_BATCH_MAX = 1000
_DEFAULT_TIMEOUT = 5.0


@dataclass(frozen=True, kw_only=True)
class StoreSettings:
    """Durations are seconds, sizes are events or (`_bytes`) bytes. Raises ValueError naming the setting."""

    #: Events that may wait or be under way in memory. With a spill directory `spill_bytes` bounds them instead.
    buffer_size: int = 1000
    #: Events in one request, at most 1000.
    batch_size: int = 500
    #: An event waits at most this long before it is sent.
    flush_interval: float = 1.0
    #: For one request; 0 or None is the default, 5.
    timeout: float | None = _DEFAULT_TIMEOUT
    #: What `store` does when nothing more fits.
    when_full: WhenFull = "raise"
    #: How long `block` waits before it raises BufferFullError.
    block_timeout: float = 1.0
    #: Directory of the files that outlive the process; `when_full` is then `spill`.
    spill_dir: str | Path | None = None
    #: Size of the process's own file there.
    spill_bytes: int = 64 * _MIB
    #: First and longest pause between two tries; each is doubled and then shortened by up to half, at random.
    retry_initial: float = 0.1
    retry_max: float = 30.0
    #: JSON text in one request, before compression.
    batch_max_bytes: int = 4 * _MIB
    #: Whether request bodies are sent with gzip.
    compress: bool = True
    #: How long `close` waits for the last events, also at the end of the process.
    close_timeout: float = 10.0
    #: Label of the metrics.
    name: str = "default"

    def __post_init__(self) -> None:
        object.__setattr__(self, "timeout", self.timeout or _DEFAULT_TIMEOUT)
        if self.spill_dir is not None and self.when_full == "raise":
            object.__setattr__(self, "when_full", "spill")
        for name in (field.name for field in fields(self)):
            value = getattr(self, name)
            zero_is_fine = name in {"block_timeout", "close_timeout"}
            if isinstance(value, int | float) and not (value >= 0 if zero_is_fine else value > 0 or value is False):
                raise ValueError(f"{name} must be {'at least' if zero_is_fine else 'more than'} 0, not {value}")
        self._check_sizes()
        self._check_choice()

    def _check_sizes(self) -> None:
        if self.batch_size > _BATCH_MAX:
            raise ValueError(f"batch_size must be at most {_BATCH_MAX}, not {self.batch_size}")
        if self.batch_size > self.buffer_size:
            raise ValueError(f"batch_size ({self.batch_size}) must not be more than buffer_size ({self.buffer_size})")
        if self.batch_max_bytes > _BODY_MAX_BYTES:
            raise ValueError(f"batch_max_bytes must be at most {_BODY_MAX_BYTES}, not {self.batch_max_bytes}")
        if self.retry_initial > self.retry_max:
            raise ValueError(f"retry_initial ({self.retry_initial}) must not be more than retry_max ({self.retry_max})")
        if self.spill_bytes < _MIB:
            raise ValueError(f"spill_bytes must be at least {_MIB}, not {self.spill_bytes}")

    def _check_choice(self) -> None:
        if self.when_full not in get_args(WhenFull):
            raise ValueError(f"when_full must be one of {', '.join(get_args(WhenFull))}; got {self.when_full!r}")
        if (self.when_full == "spill") != (self.spill_dir is not None):
            raise ValueError("when_full='spill' and spill_dir belong together: set both or neither")
