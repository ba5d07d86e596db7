"""`datastorage config`: what the service would run with."""

import click
import yaml

from datastorage.cli.shared import effective_settings
from datastorage.settings import redacted

__all__ = ["config"]


@click.command()
def config() -> None:
    """Print the effective settings as YAML, passwords and keys left out.

    Settings come from the environment (DATASTORAGE_<NAME>, DATABASE_URL, REDIS_URL), over the YAML file named by
    CONFIG_PATH, over the defaults.
    """
    click.echo(yaml.safe_dump(redacted(effective_settings()), sort_keys=False), nl=False)
