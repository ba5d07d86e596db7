"""The log in an object store of somebody else's making: whole, verifiable, locked, and of one sealer."""

import subprocess
import sys
from uuid import uuid4

import pytest

from evidence.checkpoint import parse_checkpoint
from evidence.note import Signer, parse_note
from evidence.publish import PublishError
from evidence.s3 import Bucket, BucketPlace
from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.events import event_body
from tests.fixtures.s3 import ACCESS, SECRET, build_gateway, s3_server

SIGNER = Signer.generate("example.com/audit")
pytestmark = pytest.mark.timeout(1200)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    home = tmp_path_factory.mktemp("s3")
    with s3_server(build_gateway(home), home) as server:
        yield server


def bucket_of(store, name, retention_days=None, secret=SECRET):
    place = BucketPlace.parse(
        f"s3://{name}/logs/a", endpoint=store.url, region="us-east-1", retention_days=retention_days
    )
    return Bucket(place, ACCESS, secret)


def size_in(bucket):
    read = bucket.read("checkpoint")
    return parse_checkpoint(parse_note(read.data.decode())[0]).size if read else 0


def test_a_service_publishes_to_a_locked_bucket_and_verify_takes_it(store, start_service, database_url):
    store.make_bucket("locked", locked=True)
    settings = {
        "log_key": SIGNER.secret_text(),
        "log_s3_url": "s3://locked/logs/a",
        "log_s3_endpoint": store.url,
        "log_s3_access_key": ACCESS,
        "log_s3_secret_key": SECRET,
        "log_s3_retention_days": 1,
        "seal_interval": 0.05,
    }
    service = start_service(settings=settings)
    bucket = bucket_of(store, "locked", 1)
    for total in (300, 600):
        events = [event_body({"correlation_id": str(uuid4())}) for _ in range(300)]
        assert service.client.post("/api/v1/audit/events/batch", json=events).status_code == 201
        eventually_sync(lambda: size_in(bucket) == total, timeout=60)  # noqa: B023
    for path in ("tile/0/000", "tile/0/001", "tile/1/000.p/2", "tile/entries/002.p/88"):
        assert bucket.read(path).data == service.client.get(f"/api/v1/log/{path}").content
    versions = store.ask("GET", "locked", params={"versions": "", "prefix": "logs/a/checkpoint"}).text
    version = versions.partition("<VersionId>")[2].partition("<")[0]
    refused = store.ask("DELETE", "locked/logs/a/checkpoint", params={"versionId": version})
    assert (refused.status_code, "object protected by object lock" in refused.text.lower()) == (403, True), refused.text
    command = [sys.executable, "-m", "datastorage", "verify", "--key", str(SIGNER.verifier)]
    verified = subprocess.run(
        [*command, "--checkpoint", "s3://locked/logs/a"],
        env=service.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (verified.returncode, "600 sealed events, 600 compared" in verified.stdout) == (0, True), verified.stderr


def test_of_two_that_replace_a_checkpoint_one_fails(store):
    store.make_bucket("raced", locked=False)
    bucket = bucket_of(store, "raced")
    assert bucket.read("checkpoint") is None
    bucket.write("checkpoint", b"one")
    with pytest.raises(PublishError, match="412"):
        bucket.write("checkpoint", b"two, knowing of none")
    one = bucket.read("checkpoint")
    bucket.write("checkpoint", b"two", before=one)
    with pytest.raises(PublishError, match="412"):
        bucket.write("checkpoint", b"three, knowing of one", before=one)
    assert bucket.read("checkpoint").data == b"two"


def test_a_refusal_says_what_the_store_says(store):
    with pytest.raises(PublishError, match="404 NoSuchBucket"):
        bucket_of(store, "nowhere").read("checkpoint")
    with pytest.raises(PublishError, match="SignatureDoesNotMatch"):
        bucket_of(store, "nowhere", secret="another").write("tile/0/000", b"x")
