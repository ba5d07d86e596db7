"""Make src/datastorage_client/generated from openapi/data-storage-v1.yaml; with --check, say whether it is stale.

    python clients/python/generate.py [--check]

Exit code 1 where --check finds a difference. The same contract and the same generator make the same bytes.
"""

from __future__ import annotations

import filecmp
import json
import os
import pprint
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
CONTRACT = HERE.parents[1] / "openapi" / "data-storage-v1.yaml"
PACKAGE = HERE / "src" / "datastorage_client"
GENERATED = PACKAGE / "generated"
#: The client without asyncio is the one with asyncio, less these words.
_BLOCKING = (
    ("The typed client for asyncio. `client.py` is made of this file by `make generate`: change this one.",
     "The typed client. Made from `async_client.py` by `make generate`: change that one."),
    ("import asyncio\n", "import time\n"), ("asyncio.sleep", "time.sleep"), (".asyncio(", ".sync("),
    ("async def", "def"), ("async with", "with"), ("async for", "for"), ("await ", ""), ("AsyncClient", "Client"),
    ("AsyncIterator", "Iterator"), ("set_async_httpx_client", "set_httpx_client"), ("aclose", "close"),
    ("__aenter__", "__enter__"), ("__aexit__", "__exit__"), ("aiter_bytes", "iter_bytes"), ("aread", "read"),
)  # fmt: skip
#: Literal types instead of enums: callers write plain strings, and type checkers still know which.
_CONFIG = {"literal_enums": True, "post_hooks": [], "project_name_override": "x", "package_name_override": "generated"}
_RUFF = ("--isolated", "--quiet", "--no-cache")
_STYLE = ("--target-version", "py310")


def _without_null_members(node: Any) -> Any:
    """The document with null beside an enum instead of in it: the generator heeds no `nullable` of an enum."""
    if isinstance(node, dict):
        made = {key: _without_null_members(value) for key, value in node.items()}
        if isinstance(made.get("enum"), list) and made.get("nullable"):
            values = [value for value in made["enum"] if value is not None]
            said = {key: made[key] for key in ("title", "description") if key in made}
            return {**said, "oneOf": [{"type": made.get("type", "string"), "enum": values}, {"type": "null"}]}
        return made
    return [_without_null_members(value) for value in node] if isinstance(node, list) else node


def _rules(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What BufferedAuditStore checks of each member of an event, from the parts of the contract's AuditEventRequest."""
    schemas = document["components"]["schemas"]
    for part in schemas["AuditEventRequest"]["allOf"]:
        yield from _members(schemas, schemas[part["$ref"].rpartition("/")[2]] if "$ref" in part else part)


def _members(schemas: dict[str, Any], request: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, member in request["properties"].items():
        schema = schemas[member["$ref"].rpartition("/")[2]] if "$ref" in member else member
        kept = ("type", "format", "minLength", "maxLength", "minimum", "maximum", "pattern", "enum", "nullable")
        yield name, {key: schema[key] for key in kept if key in schema} | {"required": name in request["required"]}


def _generate(target: Path) -> None:
    document = _without_null_members(yaml.safe_load(CONTRACT.read_text(encoding="utf-8")))
    for item in document["paths"].values():
        for operation in item.values():  # tokens are added by our own transport, for a service that asks for them
            operation.pop("security", None)
    with tempfile.TemporaryDirectory() as folder:
        contract, config = Path(folder, "contract.json"), Path(folder, "config.json")
        contract.write_text(json.dumps(document), encoding="utf-8")
        config.write_text(json.dumps(_CONFIG), encoding="utf-8")
        options = ["--meta", "none", "--overwrite", "--config", str(config), "--output-path", str(target)]
        _run(sys.executable, "-m", "openapi_python_client", "generate", "--path", str(contract), *options)
    rules = pprint.pformat(dict(_rules(document)), sort_dicts=False)
    head = '"""What the contract says of each member of an audit event."""\n\nfrom typing import Any\n\n'
    (target / "event_rules.py").write_text(
        f"{head}EVENT_RULES: dict[str, dict[str, Any]] = {rules}\n", encoding="utf-8"
    )
    _run("ruff", "check", *_RUFF, *_STYLE, "--fix", "--exit-zero", "--select", "I,F401,UP", str(target))
    _run("ruff", "format", *_RUFF, *_STYLE, "--line-length", "120", str(target))
    blocking = (PACKAGE / "async_client.py").read_text(encoding="utf-8")
    for word, without in _BLOCKING:
        blocking = blocking.replace(word, without)
    (target.parent / "client.py").write_text(blocking, encoding="utf-8")
    _run("ruff", "check", *_RUFF, *_STYLE, "--fix", "--exit-zero", "--select", "I", str(target.parent / "client.py"))
    _run("ruff", "format", *_RUFF, *_STYLE, "--line-length", "120", str(target.parent / "client.py"))
    for cache in target.rglob("__pycache__"):
        shutil.rmtree(cache)


def _run(*command: str) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    ended = subprocess.run(command, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False)  # noqa: S603
    if ended.returncode or "warning" in ended.stdout.lower():
        sys.exit(f"{' '.join(command[:4])} failed:\n{ended.stdout}{ended.stderr}")


def _files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"}


def _differences(made: Path) -> list[str]:
    there, new = _files(GENERATED), _files(made)
    changed = [name for name in there & new if not filecmp.cmp(GENERATED / name, made / name, shallow=False)]
    blocking = PACKAGE / "client.py"
    if not blocking.exists() or blocking.read_bytes() != (made.parent / "client.py").read_bytes():
        changed.append("../client.py")
    return sorted([*(there ^ new), *changed])


def main(arguments: list[str]) -> int:
    """Generate, or check. Raises SystemExit where the generator fails or warns."""
    if arguments not in ([], ["--check"]):
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder, "generated")
        _generate(made)
        different = _differences(made)
        if arguments and different:
            print(f"clients/python is stale ({', '.join(different[:5])} …): run `make generate` and commit the result")
            return 1
        if different:
            shutil.rmtree(GENERATED, ignore_errors=True)
            shutil.copytree(made, GENERATED)
            shutil.copy(made.parent / "client.py", PACKAGE)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
