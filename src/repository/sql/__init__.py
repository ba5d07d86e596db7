"""SQL in named .sql files, one statement each, its purpose in its first comment."""

from importlib.resources import files
from typing import LiteralString

__all__ = ["load"]


def load(name: str) -> LiteralString:
    """The text of `<name>.sql`. It is part of the program, hence as literal as a string in its source."""
    return files(__name__).joinpath(f"{name}.sql").read_text(encoding="utf-8")
