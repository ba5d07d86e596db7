"""TLS with real certificates: of the API, of its clients, of PostgreSQL and of Redis."""

from __future__ import annotations

import contextlib
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
import trustme

from access.keys import mint
from datastorage.embedded import embedded_postgres, embedded_valkey, free_port
from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.database import migrate
from tests.fixtures.events import event_body
from tests.fixtures.servers import open_directory
from tests.fixtures.service import Service, StartService, clean_environment

EVENTS = "/api/v1/audit/events"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def write(folder: Path, certificate: trustme.LeafCert, name: str = "server") -> tuple[Path, Path]:
    cert, key = folder / f"{name}.crt", folder / f"{name}.key"
    certificate.private_key_pem.write_to_path(str(key))
    cert.write_bytes(b"".join(blob.bytes() for blob in certificate.cert_chain_pems))
    return cert, key


def client(service: Service, trusted: trustme.CA, shown: trustme.LeafCert | None = None) -> httpx.Client:
    context = ssl.create_default_context()
    trusted.configure_trust(context)
    if shown is not None:
        shown.configure_cert(context)
    return httpx.Client(base_url=service.url.replace("http:", "https:"), verify=context, timeout=30)


def live(service: Service, trusted: trustme.CA, shown: trustme.LeafCert | None = None) -> bool:
    try:
        with client(service, trusted, shown) as made:
            return made.get("/health/live").status_code == 200
    except httpx.TransportError:
        return False


def test_the_api_speaks_tls_and_uses_a_changed_certificate(
    start_service: StartService, authority: trustme.CA, tmp_path: Path
) -> None:
    cert, key = write(tmp_path, authority.issue_cert("127.0.0.1"))
    service = start_service(settings={"tls_cert": cert, "tls_key": key}, wait=False)
    eventually_sync(lambda: live(service, authority), timeout=90)
    with client(service, authority) as https:
        assert https.post(EVENTS, json=event_body({"correlation_id": "c"})).status_code == 201
    successor = trustme.CA()
    assert not live(service, successor)
    write(tmp_path, successor.issue_cert("127.0.0.1"))
    eventually_sync(lambda: live(service, successor), timeout=30)
    cert.write_text("nothing")
    eventually_sync(lambda: "changed certificates cannot be used" in service.log(), timeout=30)
    assert live(service, successor)


def test_a_client_certificate_is_asked_for_and_says_who_calls(
    start_service: StartService, authority: trustme.CA, tmp_path: Path
) -> None:
    cert, key = write(tmp_path, authority.issue_cert("127.0.0.1"))
    clients, strangers = trustme.CA(), trustme.CA()
    clients.cert_pem.write_to_path(str(tmp_path / "clients.pem"))
    access = tmp_path / "access.yaml"
    access.write_text("grants: [{subjects: ['cert:gateway'], scopes: ['audit:write']}]")
    settings = {
        "tls_cert": cert, "tls_key": key, "tls_client_ca": tmp_path / "clients.pem", "access_path": access,
        "bootstrap_key": mint().text,
    }  # fmt: skip
    gateway = clients.issue_cert("gateway.example", common_name="gateway")
    service = start_service(settings=settings, wait=False)
    eventually_sync(lambda: live(service, authority, gateway), timeout=90)
    with client(service, authority, gateway) as known:
        assert known.post(EVENTS, json=event_body({"correlation_id": "c"})).status_code == 201
        assert known.get(EVENTS).status_code == 403
        bearer = {"Authorization": f"Bearer {settings['bootstrap_key']}"}
        assert known.get(EVENTS, headers=bearer).status_code == 200
    with client(service, authority, clients.issue_cert("x.example", common_name="x")) as other:
        assert other.get(EVENTS).status_code == 403
    assert not live(service, authority)
    assert not live(service, authority, strangers.issue_cert("gateway.example", common_name="gateway"))


@pytest.mark.parametrize("names", [["tls_cert"], ["tls_key"], ["tls_client_ca"], ["tls_cert", "tls_key"]])
def test_serve_says_what_is_wrong_with_its_certificates(names: list[str], tmp_path: Path) -> None:
    (tmp_path / "no.pem").write_text("no certificate")
    options = [part for name in names for part in (f"--{name.replace('_', '-')}", str(tmp_path / "no.pem"))]
    ended = subprocess.run(
        [sys.executable, "-m", "datastorage", "serve", "--port", str(free_port()), *options],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
        env=clean_environment(DATABASE_URL="postgresql://127.0.0.1:1/x", REDIS_URL="redis://127.0.0.1:1/0"),
    )
    assert ended.returncode == 2, ended.stderr
    assert "tls_cert" in ended.stderr


class Stores:
    """PostgreSQL and Valkey that speak TLS with a certificate of `authority`."""

    def __init__(self, database_url: str, queue_url: str) -> None:
        self.database_url, self.queue_url = database_url, queue_url


@contextmanager
def tls_in_front_of(port: int, cert: Path, key: Path, *, ask: bytes = b"") -> Iterator[int]:
    """A port that speaks TLS and passes on what it decrypts: the embedded servers are built without it.

    ask: the answer to PostgreSQL's SSLRequest ("SSL Session Encryption" in its protocol); empty where TLS comes first.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)

    def pump(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def serve(plain: socket.socket) -> None:
        with contextlib.suppress(OSError), plain:
            if ask:
                plain.recv(8)
                plain.sendall(ask)
            with (
                context.wrap_socket(plain, server_side=True) as outer,
                socket.create_connection(("127.0.0.1", port)) as inner,
            ):
                back = threading.Thread(target=pump, args=(inner, outer), daemon=True)
                back.start()
                pump(outer, inner)
                back.join(5)

    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[1]


@pytest.fixture(scope="module")
def stores(authority: trustme.CA) -> Iterator[Stores]:
    with open_directory() as home:
        cert, key = write(home.path, authority.issue_cert("127.0.0.1"))
        for path in (cert, key):
            path.chmod(0o600)
            home.give(path)
        postgres = embedded_postgres(home, port=0)
        postgres.start_anywhere()
        valkey = embedded_valkey(home, port=0)
        valkey.start_anywhere()
        try:
            postgres.create_database()
            migrate(postgres.url)
            with (
                tls_in_front_of(postgres.port, cert, key, ask=b"S") as database,
                tls_in_front_of(valkey.port, cert, key) as queue,
            ):
                yield Stores(
                    postgres.url.replace(f":{postgres.port}/", f":{database}/"),
                    valkey.url.replace("redis://", "rediss://").replace(f":{valkey.port}/", f":{queue}/"),
                )
        finally:
            valkey.stop()
            postgres.stop()


def test_the_stores_are_verified_by_their_certificates(stores: Stores, authority: trustme.CA, tmp_path: Path) -> None:
    root = tmp_path / "root.pem"
    authority.cert_pem.write_to_path(str(root))
    database = f"{stores.database_url}?sslmode=verify-full&sslrootcert={quote(str(root), safe='')}"
    queue = f"{stores.queue_url}?ssl_ca_certs={quote(str(root), safe='')}"
    with Service(database_url=database, redis_url=queue, settings={"redis_timeout": 5}) as service:
        assert service.client.post(EVENTS, json=event_body({"correlation_id": "c"})).status_code == 201
        eventually_sync(lambda: service.client.get("/health").json()["queue"] == "connected", timeout=30)
        eventually_sync(lambda: service.client.get("/health/ready").json()["status"] == "ready", timeout=30)


def test_stores_with_certificates_of_others_are_not_trusted(stores: Stores, tmp_path: Path) -> None:
    root = tmp_path / "others.pem"
    trustme.CA().cert_pem.write_to_path(str(root))
    ended = subprocess.run(
        [sys.executable, "-m", "datastorage", "serve", "--port", str(free_port())],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
        env=clean_environment(
            DATABASE_URL=f"{stores.database_url}?sslmode=verify-full&sslrootcert={quote(str(root), safe='')}",
            REDIS_URL=f"{stores.queue_url}?ssl_ca_certs={quote(str(root), safe='')}",
            DATASTORAGE_STARTUP_TIMEOUT="2",
        ),
    )
    assert ended.returncode == 1
    assert "neither PostgreSQL" in ended.stderr
