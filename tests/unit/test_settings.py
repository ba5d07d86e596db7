"""Settings: sources, precedence, refusals."""

from pathlib import Path

import pytest

from datastorage.settings import SettingsError, load_settings, redacted


@pytest.fixture(autouse=True)
def _no_settings_around(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "CONFIG_PATH"):
        monkeypatch.delenv(name, raising=False)


def test_environment_beats_file_beats_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("port: 9001\nworkers: 7\n")
    monkeypatch.setenv("CONFIG_PATH", str(config))
    monkeypatch.setenv("DATASTORAGE_PORT", "9002")
    settings = load_settings()
    assert (settings.port, settings.workers, settings.dlq_max_len) == (9002, 7, 1000)


def test_a_secret_comes_from_the_file_that_its_variable_names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secret = tmp_path / "url"
    secret.write_text("postgresql://app:hunter2@db:5432/audit\n")
    monkeypatch.setenv("DATABASE_URL_FILE", str(secret))
    settings = load_settings()
    assert settings.database_url is not None
    assert settings.database_url.get_secret_value() == "postgresql://app:hunter2@db:5432/audit"
    assert redacted(settings)["database_url"] == "user=app password=******** dbname=audit host=db port=5432"


def test_every_problem_is_reported_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("colour: red\n")
    monkeypatch.setenv("CONFIG_PATH", str(config))
    monkeypatch.setenv("DATASTORAGE_PORT", "0")
    monkeypatch.setenv("DATASTORAGE_POOL_MAX_SIZE", "many")
    monkeypatch.setenv("DATASTORAGE_SHAPE", "round")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert [line.split(":")[0].split(" ")[0] for line in str(caught.value).splitlines()] == [
        "port",
        "pool_max_size",
        "colour",
        "DATASTORAGE_SHAPE",
    ]


def test_a_pool_whose_minimum_exceeds_its_maximum_is_refused() -> None:
    with pytest.raises(SettingsError, match="pool_min_size 9 is larger than pool_max_size 4"):
        load_settings(pool_min_size=9, pool_max_size=4)


def test_weights_can_be_put_beside_the_known_ones(tmp_path: Path) -> None:
    file = tmp_path / "weights.yaml"
    file.write_text("mine: {mandatory: {exact: 1000}, custom: {exact: 1}, detected: {gitOpsTool: {exact: 2}}}")
    settings = load_settings(search_profile="mine", search_profiles_path=file)
    assert settings.search_weights.detected["gitOpsTool"].exact == 2
    with pytest.raises(SettingsError, match="search_profile other is unknown; there are mine, v1"):
        load_settings(search_profile="other", search_profiles_path=file)
    file.write_text("mine: {mandatory: {exact: 1, wildcard: 2}, custom: {exact: 1}, detected: {}}")
    with pytest.raises(SettingsError, match="exact >= wildcard"):
        load_settings(search_profiles_path=file)
