"""Which settings name a place for the log, and which are refused."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from datastorage.log_places import check_places, publishers_of, read_note
from datastorage.settings import Settings, SettingsError, load_settings
from evidence.http import Http
from evidence.note import Signer, Verifier
from evidence.publish import PublishError
from evidence.s3 import BucketPlace

SIGNER = Signer.generate("example.com/audit")
WITNESS = Verifier("witness.example/w1", bytes(range(32)), 4)
KEYS = {"log_s3_access_key": "a", "log_s3_secret_key": "b"}


def settings(**values: object) -> Settings:
    return load_settings(log_key=SIGNER.secret_text(), **values)


def test_every_place_has_a_publisher_with_a_name_for_metrics(tmp_path: object) -> None:
    made = settings(
        log_directory=tmp_path,
        log_s3_url="s3://bucket/logs",
        **KEYS,
        log_webhook_url="https://hooks.example/audit",
        log_webhook_secret="secret",
        log_witnesses=f"{WITNESS} https://witness.example/, {WITNESS} https://other.example",
    )
    names = [publisher.name for publisher in publishers_of(made)]
    assert names == ["directory", "s3", "webhook", "witness witness.example/w1", "witness witness.example/w1"]
    assert (made.log_targets, made.sealer_connections) == (5, 2)


def test_without_a_place_the_sealer_has_one_connection() -> None:
    assert (settings().log_targets, settings().sealer_connections) == (0, 1)
    assert settings(sealing="off").sealer_connections == 0


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"log_s3_url": "s3://bucket"}, "log_s3_url needs log_s3_access_key and log_s3_secret_key"),
        ({"log_webhook_url": "https://hooks.example"}, "log_webhook_url needs log_webhook_secret"),
        ({"log_key": None, "log_witnesses": f"{WITNESS} https://witness.example"}, "log_witnesses needs log_key"),
        ({"log_s3_retention_days": 0}, "log_s3_retention_days"),
    ],
)
def test_half_a_place_is_refused(values: dict[str, object], told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        load_settings(**{"log_key": SecretStr(SIGNER.secret_text()), **values})


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"log_witnesses": str(WITNESS)}, "KEY ADDRESS"),
        ({"log_witnesses": "nonsense https://witness.example"}, "NAME"),
        ({"log_s3_url": "https://bucket", **KEYS}, "s3://BUCKET/PREFIX"),
    ],
)
def test_what_is_no_place_is_refused_at_the_start(values: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        check_places(settings(**values))


@pytest.mark.parametrize(
    ("url", "bucket", "prefix"),
    [
        ("s3://logs", "logs", ""),
        ("s3://logs/", "logs", ""),
        ("s3://logs/a/b/", "logs", "a/b/"),
        ("s3://a.b/c", "a.b", "c/"),
    ],
)
def test_an_address_of_an_object_store_has_a_bucket_and_a_prefix(url: str, bucket: str, prefix: str) -> None:
    place = BucketPlace.parse(url, endpoint="https://store/", region="eu-west-1")
    assert (place.bucket, place.prefix, place.endpoint) == (bucket, prefix, "https://store")


def test_an_object_store_without_keys_cannot_be_read() -> None:
    with pytest.raises(ValueError, match="log_s3_access_key"):
        read_note("s3://bucket/logs", settings())


@pytest.mark.parametrize("rest", ["/hook/hunter2", "/?token=hunter2", "/\x00hunter2"])
def test_an_error_shows_nothing_of_an_address_but_its_host(rest: str) -> None:
    with pytest.raises(PublishError) as refused:
        Http().send("POST", f"http://user:hunter2@127.0.0.1:1{rest}")
    assert str(refused.value).startswith("http://127.0.0.1:1: ")
    assert "hunter2" not in str(refused.value)
