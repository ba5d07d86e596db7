"""The Lua scripts of the queue: each changes stream, index and dead letters in one atomic step."""

from importlib.resources import files

__all__ = ["load"]


def load(name: str) -> str:
    """The text of `<name>.lua`."""
    return files(__name__).joinpath(f"{name}.lua").read_text(encoding="utf-8")
