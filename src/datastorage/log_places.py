"""The places that the settings name for the transparency log: where it is published, and where checkpoints are read."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from datastorage.settings import Settings
from evidence.note import KeyFormatError, Verifier
from evidence.publish import Directory, LogFiles, Publisher, PublishError
from evidence.tiles import CHECKPOINT_PATH

if TYPE_CHECKING:
    from evidence.s3 import Bucket, BucketPlace

__all__ = ["check_places", "publishers_of", "read_note"]


def publishers_of(settings: Settings) -> list[Publisher]:
    """Everybody who gets checkpoints. Raises ValueError for a place that cannot be one."""
    from evidence.http import Http  # HTTP is loaded by the sealer only
    from evidence.webhook import Webhook
    from evidence.witness import Witness

    found: list[Publisher] = []
    if settings.log_directory:
        found.append(LogFiles(Directory(settings.log_directory)))
    if settings.log_s3_url:
        found.append(LogFiles(_bucket(settings, settings.log_s3_url)))
    if settings.log_webhook_url and settings.log_webhook_secret:
        url, secret = (one.get_secret_value() for one in (settings.log_webhook_url, settings.log_webhook_secret))
        found.append(Webhook(url, secret, Http(settings.log_ca_file)))
    for verifier, url in _witnesses(settings):
        found.append(Witness(verifier, url, Http(settings.log_ca_file)))
    return found


def check_places(settings: Settings) -> None:
    """Make sure that the settings name places to which the log can be published. Raises ValueError."""
    _witnesses(settings)
    if settings.log_s3_url:
        _place(settings, settings.log_s3_url)
        if find_spec("requests_aws4auth") is None:
            raise ValueError("log_s3_url needs requests-aws4auth: install datastorage[s3]")


def read_note(source: str, settings: Settings) -> str:
    """The checkpoint's note in a file, a directory, or at an address (http, https, s3); no signature is checked.

    Raises PublishError, ValueError, OSError.
    """
    if source.startswith("s3://"):
        read = _bucket(settings, source).read(CHECKPOINT_PATH)
        if read is None:
            raise PublishError(f"{source} has no checkpoint")
        return read.data.decode()
    if source.startswith(("http://", "https://")):
        from evidence.http import Http

        answer = Http(settings.log_ca_file).send("GET", source)
        if answer.status != 200:  # noqa: PLR2004 - OK
            raise PublishError(f"{source} answers {answer.status}")
        return answer.body.decode()
    path = Path(source)
    return (path / CHECKPOINT_PATH if path.is_dir() else path).read_text(encoding="utf-8")


def _place(settings: Settings, url: str) -> BucketPlace:
    from evidence.s3 import BucketPlace

    return BucketPlace.parse(
        url,
        endpoint=settings.log_s3_endpoint,
        region=settings.log_s3_region,
        retention_days=settings.log_s3_retention_days,
    )


def _bucket(settings: Settings, url: str) -> Bucket:
    from evidence.s3 import Bucket

    access, secret = settings.log_s3_access_key, settings.log_s3_secret_key
    if access is None or secret is None:
        raise ValueError("an object store needs log_s3_access_key and log_s3_secret_key")
    place = _place(settings, url)
    return Bucket(place, access.get_secret_value(), secret.get_secret_value(), settings.log_ca_file)


def _witnesses(settings: Settings) -> list[tuple[Verifier, str]]:
    found = []
    for one in settings.log_witnesses:
        key, _, url = one.partition(" ")
        if not url.strip().startswith(("http://", "https://")):
            raise ValueError("a witness in log_witnesses is KEY ADDRESS")
        try:
            found.append((Verifier.parse(key), url.strip()))
        except KeyFormatError as error:
            raise ValueError(f"log_witnesses: {error}") from None
    return found
