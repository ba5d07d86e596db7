"""Scripts of others are those that their packages brought, with their licences, and pages ask for nothing else."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = (ROOT / "src/console/static/vendor", ROOT / "tests/console/vendor")


def _manifest(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parent.name)
def test_every_vendored_file_is_as_its_package_had_it(folder: Path) -> None:
    for one in _manifest(folder):
        content = (folder / one["file"]).read_bytes()
        assert one["file_integrity"] == f"sha384-{base64.b64encode(hashlib.sha384(content).digest()).decode()}"
        assert one["package_integrity"].startswith("sha512-")
        assert one["version"] in one["file"] or one["version"].encode() in content[:200]
        assert (folder / one["licence_file"]).read_text(encoding="utf-8").strip()
    named = {name for one in _manifest(folder) for name in (one["file"], one["licence_file"])} | {"manifest.json"}
    assert {path.name for path in folder.iterdir()} == named


def test_pages_load_the_vendored_version() -> None:
    base = (ROOT / "src/console/templates/base.html").read_text(encoding="utf-8")
    (htmx,) = _manifest(FOLDERS[0])
    assert f"vendor/{htmx['file']}" in base


def test_no_script_or_style_of_ours_asks_another_host() -> None:
    for path in (ROOT / "src/console/static").glob("*.*"):
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "http://" not in text, path
        assert "https://" not in text, path
