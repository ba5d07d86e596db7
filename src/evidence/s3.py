"""An object store with the S3 API as a place for the log's files; with object lock nobody can take them away."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple

from evidence.publish import PublishError, Read, is_final
from evidence.tiles import CHECKPOINT_PATH

__all__ = ["Bucket", "BucketPlace"]

#: Seconds to connect, and between two parts of an answer.
_TIMEOUT = 5.0
_OF_AWS = "https://s3.{region}.amazonaws.com"
_PLACE = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(.*))?")


class BucketPlace(NamedTuple):
    """Where a log is in an object store. endpoint: the store's address; that of AWS for the region if empty.

    retention_days: how long nobody may delete or replace what is final (object lock, COMPLIANCE); None leaves it to
    the bucket.
    """

    bucket: str
    prefix: str
    endpoint: str
    region: str
    retention_days: int | None = None

    @classmethod
    def parse(cls, url: str, *, endpoint: str, region: str, retention_days: int | None = None) -> BucketPlace:
        """The place that s3://BUCKET/PREFIX names. Raises ValueError."""
        match = _PLACE.fullmatch(url)
        if match is None:
            raise ValueError("an address of an object store is s3://BUCKET/PREFIX")
        prefix = (match[2] or "").strip("/")
        return cls(match[1], f"{prefix}/" if prefix else "", endpoint.rstrip("/"), region, retention_days)


class Bucket:
    """The objects below one prefix of one bucket.

    The checkpoint is replaced only where it is what was read (If-Match), so that of two sealers one fails.
    """

    name = "s3"

    def __init__(self, place: BucketPlace, access_key: str, secret_key: str, ca_file: Path | None = None) -> None:
        self._place = place
        endpoint = place.endpoint or _OF_AWS.format(region=place.region)
        self._url = f"{endpoint}/{place.bucket}/{place.prefix}"
        self._session = _session(access_key, secret_key, place.region)
        self._session.verify = str(ca_file) if ca_file else True

    def read(self, path: str) -> Read | None:
        """An object; None if there is none. Raises PublishError."""
        answer = self._send("GET", path)
        if answer.status_code == HTTPStatus.NOT_FOUND and "NoSuchBucket" not in answer.text:
            return None
        if answer.status_code != HTTPStatus.OK:
            raise _refusal(answer, path)
        return Read(answer.content, answer.headers.get("ETag", ""))

    def write(self, path: str, data: bytes, *, before: Read | None = None) -> None:
        """Write an object. Raises PublishError."""
        headers = {"Content-MD5": base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()}
        headers["Content-Type"] = "text/plain; charset=utf-8" if path == CHECKPOINT_PATH else "application/octet-stream"
        if path == CHECKPOINT_PATH:
            headers |= {"If-Match": before.version} if before else {"If-None-Match": "*"}
        if self._place.retention_days and (path == CHECKPOINT_PATH or is_final(path)):
            until = datetime.now(UTC) + timedelta(days=self._place.retention_days)
            headers["x-amz-object-lock-mode"] = "COMPLIANCE"
            headers["x-amz-object-lock-retain-until-date"] = f"{until:%Y-%m-%dT%H:%M:%SZ}"
        answer = self._send("PUT", path, data=data, headers=headers)
        if answer.status_code != HTTPStatus.OK:
            raise _refusal(answer, path)

    def _send(self, method: str, path: str, **more: Any) -> Any:
        import requests

        try:
            return self._session.request(method, f"{self._url}{path}", timeout=_TIMEOUT, allow_redirects=False, **more)
        except (requests.RequestException, OSError) as error:
            raise PublishError(f"{self._url}{path}: {type(error).__name__} {error}") from error


def _session(access_key: str, secret_key: str, region: str) -> Any:
    import requests

    try:
        from requests_aws4auth import AWS4Auth
    except ImportError as error:
        raise PublishError("publishing to an object store needs the extra s3: pip install 'datastorage[s3]'") from error
    session = requests.Session()
    session.auth = AWS4Auth(access_key, secret_key, region, "s3")
    return session


def _refusal(answer: Any, path: str) -> PublishError:
    code = re.search(r"<Code>(\w{1,60})</Code>", answer.text)
    return PublishError(f"the object store answers {answer.status_code} {code[1] if code else ''} for {path}")
