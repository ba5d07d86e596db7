"""`datastorage openapi`: the contract."""

import sys

import click

from datastorage.cli.shared import CommandError

__all__ = ["openapi"]


@click.command()
def openapi() -> None:
    """Print the API's contract, OpenAPI 3.0 in YAML: the very file that the service routes and validates by."""
    from datastorage.edge.contract import SpecError, load_spec

    try:
        text, _ = load_spec()
    except SpecError as error:
        raise CommandError(str(error)) from None
    sys.stdout.buffer.write(text)
