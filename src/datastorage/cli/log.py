"""`datastorage log`: the keys of the transparency log."""

from __future__ import annotations

import click

from datastorage.cli.shared import CommandError, effective_settings
from datastorage.sealing import signers_of
from evidence.note import KeyFormatError, Signer

__all__ = ["log"]


@click.group()
def log() -> None:
    """Keys of the transparency log, whose checkpoints prove what the audit trail was."""


@log.command()
@click.argument("name")
def keygen(name: str) -> None:
    """Make a signing key called NAME and print it: keep it secret, and set DATASTORAGE_LOG_KEY(_FILE) to it.

    NAME is the log's name in its checkpoints, such as audit.example.com/production: no spaces, no plus sign. To rotate,
    let both keys sign for a while (two lines in DATASTORAGE_LOG_KEY), then leave the old one out.
    """
    try:
        signer = Signer.generate(name)
    except KeyFormatError as error:
        raise CommandError(str(error)) from None
    click.echo(signer.secret_text())
    click.echo(f"Public key: {signer.verifier}", err=True)


@log.command()
def pubkey() -> None:
    """Print the public keys that belong to DATASTORAGE_LOG_KEY, for those who verify checkpoints."""
    try:
        signers = signers_of(effective_settings())
    except KeyFormatError as error:
        raise CommandError(f"DATASTORAGE_LOG_KEY: {error}") from None
    if not signers:
        raise CommandError("DATASTORAGE_LOG_KEY is not set: checkpoints are unsigned")
    for signer in signers:
        click.echo(str(signer.verifier))
