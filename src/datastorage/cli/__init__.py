"""The `datastorage` command: one module for each subcommand, imported only when it runs."""

from __future__ import annotations

import importlib
import keyword
import sys
import warnings

import click

from datastorage import __version__

__all__ = ["main"]

#: Subcommand -> module that defines a click command of that name (with underscores; `import_`).
_COMMANDS = {
    "dev": "datastorage.cli.dev",
    "demo": "datastorage.cli.demo",
    "openapi": "datastorage.cli.openapi",
    "events": "datastorage.cli.events",
    "import": "datastorage.cli.import_",
    "workflows": "datastorage.cli.workflows",
    "dlq": "datastorage.cli.dlq",
    "check": "datastorage.cli.check",
    "top": "datastorage.cli.top",
    "bundle": "datastorage.cli.bundle",
    "serve": "datastorage.cli.serve",
    "migrate": "datastorage.cli.migrate",
    "verify": "datastorage.cli.verify",
    "log": "datastorage.cli.log",
    "config": "datastorage.cli.config",
    "keys": "datastorage.cli.keys",
}


class _LateGroup(click.Group):
    """Imports a subcommand's module when it is asked for, so that --help and errors are instant."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        name = cmd_name.replace("-", "_")
        command = getattr(importlib.import_module(_COMMANDS[cmd_name]), name + "_" * keyword.iskeyword(name))
        if not isinstance(command, click.Command):
            raise TypeError(f"{_COMMANDS[cmd_name]} defines no command {cmd_name}")
        return command


@click.group(cls=_LateGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="datastorage")
def _cli() -> None:
    """DataStorage: an OpenAPI-first audit store that never loses an acknowledged event."""


def main() -> None:
    """Run the command line. Errors that a person can mend are one line and exit code 2."""
    # connexion imports starlette.testclient, which warns about its own httpx: nothing that a user could mend.
    warnings.filterwarnings("ignore", message=".*starlette.testclient.*")
    sys.exit(_cli(prog_name="datastorage"))
