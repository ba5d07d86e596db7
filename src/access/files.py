"""Files that may hold secrets: no error quotes what is in them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

__all__ = ["FileError", "read_yaml", "without_values"]

#: In a message of msgspec: what is quoted and neither a member's name nor a place in the document.
_VALUE = re.compile(r"`(?!\$|[a-z_]{1,40}`)[^`]*`")


class FileError(Exception):
    """The file cannot be used; the message names it and, where that is known, the line."""


def read_yaml(path: Path) -> Any:
    """What the YAML file holds; None for an empty one. Raises FileError."""
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise FileError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise FileError(f"{path}: not UTF-8 text") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: a date that does not exist
        mark: Any = getattr(error, "problem_mark", None)
        place = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        raise FileError(f"{path}: not YAML{place}") from None


def without_values(error: Exception) -> str:
    """What msgspec says is wrong with a document, without a word that may be of a value in it."""
    return _VALUE.sub("`…`", str(error))
