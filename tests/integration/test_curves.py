"""Pictures of docs/images/curves: drawn from the points beside them, and shown in docs/performance.md.

Drawn by a process of their own: pygal adds an importer to the process that imports it, which warns later.
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.curves import load_curves

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "docs" / "images" / "curves"
POINTS = {
    "name": "payload",
    "title": "Something against something",
    "x": {"title": "connections", "log": True},
    "y": {"title": "ms", "log": True},
    "series": {"p50": [[1, 0.7], [10, 2], [500, 40]], "p99": [[1, 3], [10, 9], [500, 700]]},
}


def _draw(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks.curves", "--draw", "--into", str(folder)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_picture_needs_nothing_from_outside_and_its_labels_enclose_all_points(tmp_path: Path) -> None:
    (tmp_path / "payload.json").write_text(json.dumps(POINTS))
    assert _draw(tmp_path).returncode == 0
    picture = (tmp_path / "payload.svg").read_text()
    assert "<script" not in picture
    words = set(re.findall(r">([^<>]+)<", picture))
    assert {"Something against something", "connections", "ms", "500", "p50", "p99", "0.5", "1 k"} <= words


def test_nothing_to_draw_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "payload.json").write_text(json.dumps(POINTS | {"series": {"p50": []}}))
    done = _draw(tmp_path)
    assert done.returncode != 0
    assert "no point was measured" in done.stderr


def test_every_picture_is_of_the_points_beside_it_and_in_the_report(tmp_path: Path) -> None:
    kept = sorted(PICTURES.glob("*.json"))
    assert kept
    assert {points.stem for points in kept} <= set(load_curves())
    for points in kept:
        shutil.copy(points, tmp_path)
    assert _draw(tmp_path).returncode == 0
    report = (ROOT / "docs" / "performance.md").read_text()
    for points in kept:
        picture = points.with_suffix(".svg")
        assert picture.read_text() == (tmp_path / picture.name).read_text(), picture.name
        assert f"(images/curves/{picture.name})" in report
