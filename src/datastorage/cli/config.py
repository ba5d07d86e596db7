"""`datastorage config`: what the service would run with."""

import click
import yaml

from datastorage.settings import SettingsError, load_settings, redacted

__all__ = ["config"]


@click.command()
def config() -> None:
    """Print the effective settings as YAML, passwords and keys left out.

    Settings come from the environment (DATASTORAGE_<NAME>, DATABASE_URL, REDIS_URL), over the YAML file named by
    CONFIG_PATH, over the defaults.
    """
    try:
        settings = load_settings()
    except SettingsError as error:
        raise click.UsageError(f"the settings cannot be used:\n{error}") from None
    click.echo(yaml.safe_dump(redacted(settings), sort_keys=False), nl=False)
