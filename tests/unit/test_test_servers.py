"""What the test-suite's other backends would start; no Docker engine is needed to know."""

import pytest

from tests.fixtures.servers import chosen_servers, postgres_container, valkey_container


@pytest.fixture
def _no_docker_engine_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    # The client asks the engine for its version as soon as a container is described.
    monkeypatch.setattr("testcontainers.core.container.DockerClient", lambda **_options: None)


@pytest.mark.usefixtures("_no_docker_engine_needed")
def test_containers_run_the_majors_that_we_embed_and_are_as_durable() -> None:
    postgres, valkey = postgres_container(), valkey_container()
    assert (postgres.image, list(postgres.ports)) == ("postgres:18-alpine", ["5432"])
    assert postgres._command == ["postgres", "-c", "fsync=on", "-c", "max_connections=400"]
    assert (valkey.image, list(valkey.ports)) == ("valkey/valkey:9-alpine", ["6379"])
    assert valkey._command[0] == "valkey-server"
    assert " ".join(valkey._command).endswith("--appendonly yes --appendfsync always --maxmemory-policy noeviction")


def test_external_servers_come_from_the_two_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://a@b/c")
    monkeypatch.setenv("REDIS_URL", "redis://d/0")
    with chosen_servers("external") as servers:
        assert (servers.postgres_url, servers.redis_url) == ("postgresql://a@b/c", "redis://d/0")


def test_external_servers_without_addresses_name_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("REDIS_URL", "redis://d/0")
    with pytest.raises(pytest.UsageError, match=r"needs DATABASE_URL$"), chosen_servers("external"):
        pass


def test_an_unknown_choice_lists_the_known_ones() -> None:
    with pytest.raises(pytest.UsageError, match="embedded, containers, external"), chosen_servers("docker"):
        pass
