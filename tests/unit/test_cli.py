"""The `datastorage` command as a whole: its list of subcommands, and what that list costs."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from datastorage.cli import COMMANDS, _cli


@pytest.mark.parametrize("name", COMMANDS)
def test_the_line_of_a_command_is_how_its_help_begins(name: str) -> None:
    command = _cli.get_command(click.Context(_cli), name)
    assert command is not None
    help_text = " ".join((command.help or "").split())
    assert help_text.startswith(COMMANDS[name])
    assert help_text[len(COMMANDS[name])] in ".,;:"


def test_help_lists_every_command_and_imports_none_of_them() -> None:
    shown = CliRunner().invoke(_cli, ["--help"]).output
    assert all(f"\n  {name} " in shown for name in COMMANDS)
    program = (
        "import sys\nsys.argv = ['datastorage', '--help']\nfrom datastorage.cli import main\n"
        "try:\n    main()\nfinally:\n"
        "    print(sorted({'connexion', 'psycopg', 'redis', 'msgspec', 'rich'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_an_unknown_command_is_named_with_what_there_is_to_do() -> None:
    result = CliRunner().invoke(_cli, ["serv"])
    assert result.exit_code == 2
    assert "No such command 'serv'" in result.output
