"""The log reaches places of others: each at once, none in the way of sealing or of another, none with a fork."""

import base64
import hmac
import ssl
import subprocess
import sys
import threading
from contextlib import ExitStack, closing

import psycopg
import pytest
import trustme

from datastorage.embedded import free_port
from evidence.checkpoint import Checkpoint, open_checkpoint
from evidence.http import Http
from evidence.note import Signer
from evidence.publication import Publication
from evidence.publish import Directory, LogFiles, PublishError
from evidence.sealer import HaltError, Sealer
from evidence.shared_store import SharedStore
from evidence.webhook import Webhook
from evidence.witness import Witness
from repository.sealing import SealingStore
from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.places import Receiver, WitnessServer, served
from tests.integration.test_sealing import insert

SIGNER = Signer.generate("example.com/audit")
PATIENT = 30


@pytest.fixture
def connection(database_url):
    with psycopg.connect(database_url, autocommit=True, options="-c timezone=UTC") as connection:
        yield connection


@pytest.fixture
def store(database_url):
    with closing(SealingStore(database_url)) as store:
        yield store


@pytest.fixture
def sealer(store):
    return Sealer(store)


@pytest.fixture
def http():
    with closing(Http()) as http:
        yield http


@pytest.fixture
def publication_of(database_url):
    """Makes publications that pause for nobody."""
    with ExitStack() as stack:

        def make(*publishers):
            publication = Publication(
                publishers,
                SharedStore(lambda: SealingStore(database_url)),
                [SIGNER],
                interval=0.01,
                first_retry=0.01,
            )
            stack.callback(publication.end)
            return publication

        yield make


@pytest.fixture
def witness():
    server = WitnessServer("witness.example/w1", SIGNER.verifier)
    with served(server) as url:
        server.url = url
        yield server


@pytest.fixture
def receiver():
    server = Receiver()
    with served(server) as url:
        server.url = url
        yield server


class Absent:
    """A target that answers nobody until it is let go."""

    name, takes_cosignatures = "absent", False

    def __init__(self):
        self.asked, self.let_go = threading.Event(), threading.Event()

    def check(self, stored):
        pass

    def publish(self, stored, checkpoint, note):
        self.asked.set()
        self.let_go.wait(PATIENT)
        raise PublishError("away")


def seal(connection, sealer, count):
    insert(connection, count)
    sealer.seal()
    return sealer.checkpoint("example.com/audit")


def offered(publication, checkpoint, condition):
    """Offer the checkpoint, as a sealer does in each round, until the condition holds."""

    def come_true():
        publication.offer(checkpoint)
        return condition()

    eventually_sync(come_true, timeout=PATIENT)


def note_in(directory):
    place = directory / "checkpoint"
    return place.read_text() if place.exists() else ""


def test_a_witness_cosigns_each_step_and_its_cosignature_is_kept_with_the_checkpoint(
    connection, sealer, witness, publication_of, tmp_path, http
):
    publication = publication_of(LogFiles(Directory(tmp_path)), Witness(witness.verifier, witness.url, http))
    publication.begin()
    for count in (1, 255, 1, 300):
        checkpoint = seal(connection, sealer, count)
        offered(
            publication,
            checkpoint,
            lambda: note_in(tmp_path).startswith(checkpoint.text) and "witness.example" in note_in(tmp_path),  # noqa: B023
        )
        _, signed_by = open_checkpoint(note_in(tmp_path), [SIGNER.verifier, witness.verifier])
        assert {one.name for one in signed_by} == {"example.com/audit", "witness.example/w1"}
    assert witness.refused == []
    kept = connection.execute("SELECT witness, size, line FROM evidence_cosignatures").fetchall()
    assert [(name, size) for name, size, _ in kept] == [("witness.example/w1", 557)]
    assert kept[0][2] in note_in(tmp_path)


def test_a_witness_that_knows_more_than_this_process_is_asked_where_it_is(
    connection, sealer, witness, publication_of, http
):
    for count in (3, 300):
        publication = publication_of(Witness(witness.verifier, witness.url, http))
        publication.begin()
        checkpoint = seal(connection, sealer, count)
        offered(publication, checkpoint, lambda: witness.seen == checkpoint)  # noqa: B023
        publication.end()
    assert witness.refused == [409]


def test_a_witness_refuses_a_rewritten_log(connection, store, sealer, witness, http):
    publisher = Witness(witness.verifier, witness.url, http)
    kept = seal(connection, sealer, 5)
    publisher.publish(store, kept, signed(kept))
    connection.execute(
        "ALTER TABLE evidence_batches DISABLE TRIGGER ALL; ALTER TABLE audit_events DISABLE TRIGGER ALL;"
        "DELETE FROM evidence_batches; UPDATE audit_events SET actor_id = 'someone else'"
    )
    forged = seal(connection, Sealer(store), 1)
    with pytest.raises(PublishError, match="answers 422 for 6 entries"):
        publisher.publish(store, forged, signed(forged))
    shorter = Checkpoint("example.com/audit", 4, bytes(32))
    with pytest.raises(PublishError, match="has cosigned 5 entries of this log, which has 4"):
        publisher.publish(store, shorter, signed(shorter))
    assert witness.seen == kept


def test_what_is_no_cosignature_of_the_witness_is_not_kept(connection, store, sealer, witness, receiver, http):
    checkpoint = seal(connection, sealer, 2)
    stranger = Witness(WitnessServer("witness.example/w1", SIGNER.verifier).verifier, witness.url, http)
    with pytest.raises(PublishError, match="without a valid cosignature"):
        stranger.publish(store, checkpoint, signed(checkpoint))
    receiver.statuses = [200]
    with pytest.raises(PublishError, match="without a valid cosignature"):
        Witness(witness.verifier, receiver.url, http).publish(store, checkpoint, signed(checkpoint))
    assert connection.execute("SELECT count(*) FROM evidence_cosignatures").fetchone() == (0,)


def signed(checkpoint):
    signature = SIGNER.sign(checkpoint.text)
    return f"{checkpoint.text}\n{signature.line}"


def test_a_webhook_gets_each_checkpoint_signed_and_again_until_it_takes_it(
    connection, sealer, receiver, publication_of, http
):
    receiver.statuses = [500, 302, 404]
    publication = publication_of(Webhook(f"{receiver.url}/hook", "whsec_" + base64.b64encode(b"key").decode(), http))
    publication.begin()
    checkpoint = seal(connection, sealer, 3)
    offered(publication, checkpoint, lambda: len(receiver.calls) == 4)
    assert len({(call.path, call.headers["webhook-id"], call.body) for call in receiver.calls}) == 1
    last = receiver.calls[-1]
    assert open_checkpoint(last.body.decode(), [SIGNER.verifier])[0] == checkpoint
    content = f"{last.headers['webhook-id']}.{last.headers['webhook-timestamp']}.".encode() + last.body
    expected = base64.b64encode(hmac.digest(b"key", content, "sha256")).decode()
    assert last.headers["webhook-signature"] == f"v1,{expected}"
    newer = seal(connection, sealer, 1)
    offered(publication, newer, lambda: len(receiver.calls) == 5)
    assert open_checkpoint(receiver.calls[-1].body.decode(), [])[0] == newer


def test_a_target_that_is_away_delays_neither_sealing_nor_the_others(connection, sealer, publication_of, tmp_path):
    absent = Absent()
    publication = publication_of(absent, LogFiles(Directory(tmp_path)))
    publication.begin()
    first = seal(connection, sealer, 1)
    offered(publication, first, absent.asked.is_set)
    for _ in range(3):
        newest = seal(connection, sealer, 2)
        offered(publication, newest, lambda: f"\n{newest.size}\n" in note_in(tmp_path))  # noqa: B023
    assert not absent.let_go.is_set()
    absent.let_go.set()


def test_a_place_that_nobody_answers_at_is_tried_again(connection, sealer, publication_of, tmp_path, http):
    """A file is in the directory's way at first; nobody ever listens where the webhook should be."""
    port = free_port()
    (tmp_path / "log").write_text("in the way")
    publication = publication_of(
        Webhook(f"http://127.0.0.1:{port}/", "key", http), LogFiles(Directory(tmp_path / "log"))
    )
    publication.begin()
    checkpoint = seal(connection, sealer, 1)
    publication.offer(checkpoint)
    (tmp_path / "log").unlink()
    offered(publication, checkpoint, lambda: "\n1\n" in note_in(tmp_path / "log"))


@pytest.mark.parametrize(("size", "reason"), [(100, "committed events were lost"), (3, "is not part of this log")])
def test_a_published_checkpoint_that_contradicts_the_log_halts_at_the_start_and_later(
    connection, sealer, publication_of, tmp_path, size, reason
):
    publication = publication_of(LogFiles(Directory(tmp_path)))
    publication.begin()
    checkpoint = seal(connection, sealer, 3)
    offered(publication, checkpoint, lambda: "\n3\n" in note_in(tmp_path))
    ours = note_in(tmp_path)
    (tmp_path / "checkpoint").write_text(Checkpoint("example.com/audit", size, bytes(32)).text)
    with pytest.raises(HaltError, match=reason):
        publication.begin()
    (tmp_path / "checkpoint").write_text(ours)
    publication.begin()
    (tmp_path / "checkpoint").write_text(Checkpoint("example.com/audit", size, bytes(32)).text)
    newest = seal(connection, sealer, 1)

    with pytest.raises(HaltError, match=reason):
        offered(publication, newest, lambda: False)


def test_a_publisher_that_comes_late_leaves_a_newer_checkpoint_alone(connection, store, sealer, tmp_path):
    files = LogFiles(Directory(tmp_path))
    older, newer = seal(connection, sealer, 2), seal(connection, sealer, 2)
    files.publish(store, newer, newer.text)
    files.publish(store, older, older.text)
    assert note_in(tmp_path) == newer.text


def test_a_certificate_is_verified_and_an_authority_can_be_named(store, tmp_path, http):
    authority, receiver, tls = trustme.CA(), Receiver(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    checkpoint = Checkpoint("log", 1, bytes(32))
    with served(receiver, tls) as url, closing(Http(tmp_path / "ca.pem")) as trusting:
        with pytest.raises(PublishError, match="certificate verify failed"):
            Webhook(url, "key", http).publish(store, checkpoint, "note")
        assert receiver.calls == []
        Webhook(url, "key", trusting).publish(store, checkpoint, "note")
    assert len(receiver.calls) == 1


def test_verify_takes_a_published_place_as_the_checkpoint(connection, sealer, publication_of, tmp_path, database_url):
    publication = publication_of(LogFiles(Directory(tmp_path)))
    publication.begin()
    checkpoint = seal(connection, sealer, 3)
    offered(publication, checkpoint, lambda: "\n3\n" in note_in(tmp_path))
    assert verify(database_url, str(tmp_path)).returncode == 0
    assert verify(database_url, str(tmp_path / "checkpoint")).returncode == 0
    forged = Checkpoint("example.com/audit", 3, bytes(32))
    (tmp_path / "checkpoint").write_text(signed(forged))
    ended = verify(database_url, str(tmp_path))
    assert (ended.returncode, "is not part of this log" in ended.stdout) == (1, True)
    nobody = verify(database_url, f"http://127.0.0.1:{free_port()}/checkpoint")
    assert (nobody.returncode, "ConnectError" in nobody.stderr) == (2, True)


def verify(database_url, place):
    command = [sys.executable, "-m", "datastorage", "verify", "--checkpoint", place, "--key", str(SIGNER.verifier)]
    return subprocess.run(
        command, env={"DATABASE_URL": database_url, "PATH": ""}, capture_output=True, text=True, check=False
    )
