"""The `datastorage` command: one module for each subcommand, imported only when it runs."""

from __future__ import annotations

import importlib
import keyword
import sys
import warnings

import click

from datastorage import __version__

__all__ = ["COMMANDS", "main"]

#: Subcommand -> the line that stands for it in the list of them: how its help begins, up to a full stop or semicolon.
COMMANDS = {
    "dev": "Start PostgreSQL and Valkey, migrate, and serve the API",
    "demo": "Record a day of incidents and 30 workflows to look at",
    "openapi": "Print the API's contract, OpenAPI 3.0 in YAML",
    "events": "Show audit events, newest last",
    "import": "Record the events of SOURCE, one JSON object a line",
    "import-v1": "Bring the events, notifications and workflows of a V1.0 database into this one",
    "workflows": "Bring workflow definitions into the catalog, list and search them",
    "dlq": "Look at the queues and their dead letters",
    "check": "Check a deployment",
    "top": "Show rates, latencies, connections, queue, months and workers, live until Ctrl-C",
    "bundle": "Collect what support needs",
    "serve": "Serve the API until SIGTERM or SIGINT",
    "migrate": "Apply the migrations that the database lacks, as the owner of its tables",
    "verify": "Compare every sealed event of DATABASE_URL with the log",
    "export": "Write sealed events of DATABASE_URL to TARGET, a tar, with a manifest and what proves them",
    "log": "Keys of the transparency log, whose checkpoints prove what the audit trail was",
    "config": "Print the effective settings as YAML, passwords and keys left out",
    "keys": "Make, list, revoke and rotate API keys",
    "erase": "Replace members of EVENT_ID's event_data by a marker, for good",
    "holds": "List, place and release legal holds",
    "partitions": "List, detach, attach, archive and drop months of the audit trail",
}


class _LateGroup(click.Group):
    """Imports a subcommand's module when that runs: the list of commands costs none of their imports."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(COMMANDS)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in --help, from the table above."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, f"{line}.") for name, line in COMMANDS.items()])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The click command in the module datastorage.cli.NAME (`import_`, because import is a keyword)."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        name = cmd_name.replace("-", "_")
        name += "_" * keyword.iskeyword(name)
        command = getattr(importlib.import_module(f"datastorage.cli.{name}"), name)
        if not isinstance(command, click.Command):
            raise TypeError(f"datastorage.cli.{name} defines no command {cmd_name}")
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
