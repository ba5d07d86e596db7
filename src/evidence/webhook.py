"""A webhook that gets each checkpoint, signed as Standard Webhooks has it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Callable

from evidence.checkpoint import Checkpoint
from evidence.http import Http, host_of
from evidence.note import Signature
from evidence.publish import PublishError, Stored

__all__ = ["Webhook"]

_ENCODED = "whsec_"


class Webhook:
    """POSTs each checkpoint's note to `url`; every answer from 200 to 299 is a success.

    secret: the key of the signature, as it is or as `whsec_` and base64. A repeated request has the same webhook-id.
    """

    name = "webhook"
    takes_cosignatures = True

    def __init__(self, url: str, secret: str, http: Http, *, clock: Callable[[], float] = time.time) -> None:
        self._url = url
        encoded = secret.removeprefix(_ENCODED)
        self._secret = base64.b64decode(encoded) if encoded != secret else secret.encode()
        self._http = http
        self._clock = clock

    def check(self, stored: Stored) -> None:
        """A webhook cannot be asked what it has."""

    def publish(self, stored: Stored, checkpoint: Checkpoint, note: str) -> list[Signature]:
        """Send a checkpoint. Raises PublishError."""
        del stored, checkpoint
        body = note.encode()
        answer = self._http.send("POST", self._url, body=body, headers=self._headers(body))
        if not 200 <= answer.status < 300:  # noqa: PLR2004 - a success
            raise PublishError(f"{host_of(self._url)} answers {answer.status}")
        return []

    def _headers(self, body: bytes) -> dict[str, str]:
        message_id = f"msg_{hashlib.sha256(body).hexdigest()[:32]}"
        instant = str(int(self._clock()))
        signed = b".".join([message_id.encode(), instant.encode(), body])
        signature = base64.b64encode(hmac.digest(self._secret, signed, "sha256")).decode()
        return {
            "content-type": "text/plain; charset=utf-8",
            "webhook-id": message_id,
            "webhook-timestamp": instant,
            "webhook-signature": f"v1,{signature}",
        }
