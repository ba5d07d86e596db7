"""`datastorage events` without a service: what its help says, and how it fails in front of a person."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from click.testing import CliRunner

from datastorage.cli.events import events
from datastorage.edge.contract import load_spec
from datastorage.embedded import free_port

_OF_PAGES = {"start_time", "end_time", "order", "offset", "cursor"}


def test_help_explains_every_option_and_there_is_one_for_each_filter_of_the_api():
    shown = CliRunner().invoke(events, ["--help"])
    assert shown.exit_code == 0
    explained = {name for option in events.params if getattr(option, "help", None) for name in option.opts}
    assert explained == {name for option in events.params for name in option.opts}
    parameters = load_spec()[1]["paths"]["/api/v1/audit/events"]["get"]["parameters"]
    for name in {parameter["name"] for parameter in parameters} - _OF_PAGES:
        assert f"--{name.replace('_', '-')} " in shown.output


@pytest.fixture
def other_server() -> Iterator[str]:
    """The address of something that answers 200 and is no DataStorage."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"[]" if "limit=7" in self.path else b"<html>")

        def log_message(self, *_):
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        serving.join()


@pytest.mark.parametrize("options", [(), ("--limit", "7"), ("--follow",), ("--export", "never-written")])
def test_what_is_no_datastorage_is_said_to_be_none(other_server, options):
    ended = CliRunner().invoke(events, ["--url", other_server, *options])
    assert ended.exit_code == 2
    assert ended.output == f"Error: what answers at {other_server} is not DataStorage: say where it is with --url\n"


@pytest.mark.parametrize("url", ["http://127.0.0.1:{port}", "http://[", "http://127.0.0.1:99999"])
def test_an_address_where_nothing_answers_is_one_line_and_an_exit_code(url):
    address = url.replace("{port}", str(free_port()))
    ended = CliRunner().invoke(events, ["--url", address])
    assert ended.exit_code == 2
    assert ended.output == f"Error: nothing answers at {address}: start `datastorage dev`, or say where with --url\n"


@pytest.mark.parametrize("address", ["nonsense", "localhost:8080", "ftp://x"])
def test_what_is_no_address_is_told_what_one_looks_like(address):
    ended = CliRunner().invoke(events, ["--url", address])
    assert ended.exit_code == 2
    assert ended.output == (
        f"Error: {address} is no address of an API: give --url as http://host:port or https://host:port\n"
    )
