"""Secrets in every setting that takes one, in every form and every wrong one: no answer has a word of them."""

from __future__ import annotations

import logging
import subprocess
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from pydantic import SecretStr

from access.errors import PolicyError
from access.keys import mint
from access.policy import load_policy
from datastorage.cli import _cli
from datastorage.embedded import free_port
from datastorage.settings import ADDRESSES, Settings, load_settings, redacted
from datastorage.sources import SettingsError, variable_of
from tests.fixtures.service import clean_environment

SECRET = "hunter2-Xq7"
DIGITS = "86420975"
#: The settings that hold a secret, or an address that may.
SECRETS = sorted(name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation))
#: Addresses that can be used, whose secret has to be masked.
POSTGRES = [
    f"postgresql://app:{SECRET}?{SECRET}@127.0.0.1:1/audit",
    f"postgresql://app:{SECRET}@127.0.0.1:1/audit",
    f"postgresql://app@127.0.0.1:1/audit?password={SECRET}",
    f"postgresql://127.0.0.1:1/audit?sslpassword={SECRET}&user=app",
    f"postgresql://127.0.0.1:1/audit?oauth_client_secret={SECRET}",
    f"postgresql://127.0.0.1:1/audit?scram_client_key={SECRET}&scram_server_key={SECRET}",
    f"host=127.0.0.1 port=1 dbname=audit password={SECRET}",
    f"host=127.0.0.1 port=1 dbname=audit password='{SECRET} \\' x' sslpassword='{SECRET}'",
    f"postgresql://app:{SECRET}@127.0.0.1:1,127.0.0.2:1/audit",
]
REDIS = [
    f"redis://:{SECRET}@127.0.0.1:1/0",
    f"redis://app:{SECRET}@127.0.0.1:1/0",
    f"redis://127.0.0.1:1/0?password={SECRET}&username=app",
    f"rediss://127.0.0.1:1/0?ssl_password={SECRET}",
    f"unix://:{SECRET}@/run/none.sock?db=1",
    f"unix:///run/none.sock?password={SECRET}",
    f"redis+sentinel://:{SECRET}@127.0.0.1:1,127.0.0.2:1/0?service=mine",
    f"rediss+sentinel://127.0.0.1:1/0?service=mine&sentinel_password={SECRET}&ssl_password={SECRET}",
]
#: Addresses that cannot be used, most of them for a character of the password that was not percent-encoded.
WRONG_ADDRESSES = [
    f"postgresql://app:{SECRET} x@db/audit",
    f"postgresql://app:{SECRET}@x@db/audit",
    f"postgresql://app:x@{SECRET}@db/audit",
    f"postgresql://app:{SECRET}/x@db/audit",
    f"postgresql://app:1/{SECRET}@db/audit",
    f"postgresql://app:{DIGITS}/x@db/audit",
    f"postgresql://app:1234/{DIGITS}@db/audit",
    f"postgresql://app:{SECRET}%zz@db/audit",
    f"postgresql://app:{SECRET}@db:many/audit",
    f"postgresql://db/audit?password={SECRET}&bogus=1",
    f"postgresql://db/audit?{SECRET}",
    f"postgresql://db/audit?{SECRET}=1",
    f"host=db password={SECRET} bogus=1",
    f"host=db password='{SECRET}",
    f"host=db {SECRET}",
    f"host=db {SECRET}=1",
    f"mysql://app:{SECRET}@db/audit",
    f"redis://:{SECRET}/x@cache:6379/0",
    f"redis://:{DIGITS}#x@cache:6379/0",
    f"redis://:1234/{DIGITS}@cache:6379/0",
    f"redis://:1234#{SECRET}@cache:6379/0",
    f"redis://:{SECRET}#x@cache:6379/0",
    f"redis://:{SECRET}?x@cache:6379/0",
    f"redis+sentinel://:{SECRET}/x@cache:6379/0",
    f"redis+sentinel://:1234/{DIGITS}@cache:6379/0",
    f"redis+sentinel://:{SECRET}@cache:many/0",
    f"redis://:{SECRET}@cache:many/0",
    f"redis://cache?{SECRET}=1",
    f"redis://cache/0?socket_timeout={SECRET}",
    f"http://:{SECRET}@cache",
    SECRET,
]
#: Lines of a YAML file that cannot be used, each for a reason of its own.
YAML_FILES = [
    f"database_url: postgresql://app:{SECRET}@db: x\n",
    f"database_password: *{SECRET}\n",
    f"database_password: !{SECRET} x\n",
    f"database_password: &{SECRET} a\nredis_password: &{SECRET} b\ncolour: *none\n",
    f'database_password: "{SECRET}\\q"\n',
    f"database_password: '{SECRET}\n",
    f"database_password: @{SECRET}\n",
    f"database_password: `{SECRET}\n",
    f"database_password: %{SECRET}\n",
    f"database_password: {SECRET}\n\tport: 1\n",
    f"database_password: [{SECRET}\n",
    f"database_password: {{{SECRET}}}\n",
    f"database_password: [{SECRET}]\n",
    f"{{[{SECRET}]: 1}}\n",
    f"database_password: {DIGITS}\n",
    f"database_password {SECRET}\n",
    f"- {SECRET}\n",
    f"database_password={SECRET}: \n",
    f"? {SECRET}\n",
    f"cursor_secret: {SECRET}\n2025-13-45: {SECRET}\n",
    f"cursor_secret: {SECRET}\nport: 2025-13-45\n",
    f"cursor_secret: {SECRET}\x00\n",
    f"cursor_secret: {SECRET}\n" + "[" * 3000 + "\n",
    f"cursor_secret: {SECRET}\nauth: {{}}\n",
]
KEY_BLOCK = f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----\n"


@pytest.fixture(autouse=True)
def _no_settings_around(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(variable_of(name), raising=False)
    monkeypatch.delenv("CONFIG_PATH", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("PGCONNECT_TIMEOUT", "2")


@pytest.fixture
def clean(caplog: pytest.LogCaptureFixture) -> Callable[[str], None]:
    """Fails for a text, or the log, that has a word of a secret."""

    def check(text: str) -> None:
        everything = text + "\n".join(caplog.messages)
        assert not [word for word in ("hunter2", "Xq7", DIGITS) if word in everything], everything

    caplog.set_level(logging.DEBUG)
    return check


def run(*arguments: str, **environment: str) -> Result:
    """A command in this process; its output, and of an error that nobody foresaw the traceback."""
    return CliRunner().invoke(_cli, arguments, env=environment)


def told(result: Result) -> str:
    trace = "".join(traceback.format_exception(result.exception)) if result.exc_info and result.exception else ""
    return result.output + trace


def serve(**environment: str) -> str:
    """What `serve` writes until it ends, which it does with an error."""
    ended = subprocess.run(
        [sys.executable, "-m", "datastorage", "serve", "--port", str(free_port())],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
        env=clean_environment(**environment),
    )
    assert ended.returncode in {1, 2}, ended.stderr
    return ended.stdout + ended.stderr


def refusal(**settings: object) -> str:
    with pytest.raises(SettingsError) as refused:
        load_settings(**settings)
    return str(refused.value)


def test_every_secret_is_of_a_type_that_does_not_show_it(clean: Callable[[str], None]) -> None:
    suspicious = ("password", "secret", "_key", "_url", "token")
    named = {name for name in Settings.model_fields if any(word in name for word in suspicious)}
    public = {"tls_key", "problem_base_url", "console_url", "log_s3_url"}
    assert named - set(SECRETS) == public, "a path and public addresses"
    key = f"ds_{SECRET.lower().replace('-', '')}_{mint().text.split('_', 2)[2]}"
    given = {name: SECRET for name in SECRETS if name not in {*ADDRESSES, "bootstrap_key"}}
    settings = load_settings(bootstrap_key=key, **given)
    clean(f"{settings!r} {settings} {redacted(settings)} {settings.model_dump()} {settings.model_dump_json()}")


@pytest.mark.parametrize("address", POSTGRES)
@pytest.mark.parametrize("command", [("config",), ("migrate",), ("keys", "list"), ("bundle", "--output", "b.tar.gz")])
def test_an_address_of_postgresql_shows_no_secret(
    clean: Callable[[str], None],
    command: tuple[str, ...],
    address: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = run(*command, DATABASE_URL=address, DATABASE_READ_URL=address, DATABASE_OWNER_URL=address)
    assert command != ("config",) or (ended.exit_code == 0 and ended.output.count("********") >= 3)
    clean(told(ended))


@pytest.mark.parametrize("address", REDIS)
def test_an_address_of_redis_shows_no_secret(clean: Callable[[str], None], address: str) -> None:
    ended = run("config", REDIS_URL=address)
    assert "********" in ended.output
    clean(told(ended))


@pytest.mark.parametrize("address", WRONG_ADDRESSES)
def test_an_address_that_cannot_be_used_is_refused_without_a_word_of_it(
    clean: Callable[[str], None], address: str, tmp_path: Path
) -> None:
    file = tmp_path / "address"
    file.write_text(address)
    for name in ADDRESSES:
        variable = variable_of(name)
        clean(refusal(**{name: address}))
        for given in ({variable: address}, {f"{variable}_FILE": str(file)}):
            ended = run("config", **given)
            assert ended.exit_code == 2, ended.output
            clean(told(ended))


@pytest.mark.parametrize("text", YAML_FILES)
def test_a_line_of_yaml_is_not_quoted_in_an_error(clean: Callable[[str], None], text: str, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text)
    ended = run("config", CONFIG_PATH=str(path))
    assert ended.exit_code == 2, ended.output
    assert "the settings cannot be used" in ended.output
    clean(told(ended))


def test_where_a_yaml_file_is_wrong_is_said(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(f"port: 1\ndatabase_url: postgresql://app:{SECRET}@db: x\n")
    assert f"{path}: not YAML (line 2, column" in run("config", CONFIG_PATH=str(path)).output


@pytest.mark.parametrize("text", YAML_FILES)
def test_nor_in_the_files_that_settings_name(clean: Callable[[str], None], text: str, tmp_path: Path) -> None:
    path = tmp_path / "file.yaml"
    path.write_text(text)
    clean(refusal(search_profiles_path=path))
    with pytest.raises(PolicyError) as refused:
        load_policy(path)
    clean(str(refused.value))
    profile = tmp_path / "datastorage" / "profile.yaml"
    profile.parent.mkdir()
    profile.write_text(text)
    profile.chmod(0o600)
    ended = run("events")
    assert ended.exit_code == 2, ended.output
    clean(told(ended))


def _given_as_a_path(name: str, folder: Path) -> Mapping[str, str]:
    """The secret itself where the path of its file belongs: in the settings, and in the place of a file's name."""
    del folder
    return {f"{variable_of(name)}_FILE": SECRET}


def _not_text(name: str, folder: Path) -> Mapping[str, str]:
    path = folder / "binary"
    path.write_bytes(SECRET.encode() + b"\xff\xfe")
    return {f"{variable_of(name)}_FILE": str(path)}


def _a_folder(name: str, folder: Path) -> Mapping[str, str]:
    (folder / SECRET).mkdir()
    return {f"{variable_of(name)}_FILE": str(folder / SECRET)}


def _unreadable_name(name: str, folder: Path) -> Mapping[str, str]:
    del folder
    return {f"{variable_of(name)}_FILE": SECRET * 400}


@pytest.mark.parametrize("make", [_given_as_a_path, _not_text, _a_folder, _unreadable_name])
@pytest.mark.parametrize("name", SECRETS)
def test_a_file_that_cannot_be_read_is_named_by_its_variable(
    clean: Callable[[str], None], name: str, make: Callable[[str, Path], Mapping[str, str]], tmp_path: Path
) -> None:
    given = make(name, tmp_path)
    ended = run("config", **given)
    assert ended.exit_code == 2, ended.output
    assert next(iter(given)) in ended.output
    clean(told(ended))


@pytest.mark.parametrize("name", ["traces_endpoint", "console_oidc_issuer", "console_url", "problem_base_url"])
def test_name_and_password_in_any_other_address_are_masked(clean: Callable[[str], None], name: str) -> None:
    known = {"DATASTORAGE_CONSOLE_OIDC_CLIENT_ID": "console", "DATASTORAGE_CONSOLE_OIDC_ISSUER": "http://127.0.0.1:1"}
    ended = run("config", **{**known, variable_of(name): f"http://app:{SECRET}@127.0.0.1:1/path"})
    assert ended.exit_code == 0, told(ended)
    assert "http://********@127.0.0.1:1/path" in ended.output
    clean(told(ended))


def test_config_prints_every_setting_that_is_a_path(tmp_path: Path) -> None:
    paths = ["tls_cert", "tls_key", "tls_client_ca", "access_path", "log_directory"]
    ended = run("config", **{variable_of(name): str(tmp_path / name) for name in paths})
    assert ended.exit_code == 0, told(ended)
    assert {name: yaml.safe_load(ended.output)[name] for name in paths} == {
        name: str(tmp_path / name) for name in paths
    }


@pytest.mark.parametrize("content", [KEY_BLOCK, SECRET + "\nsecond line"])
@pytest.mark.parametrize("name", ["tls_cert", "tls_key", "tls_client_ca", "access_path", "log_directory"])
def test_the_content_of_a_file_in_the_place_of_its_path_is_refused(
    clean: Callable[[str], None], name: str, content: str
) -> None:
    ended = run("config", **{variable_of(name): content})
    assert ended.exit_code == 2, ended.output
    assert variable_of(name) in ended.output
    clean(told(ended))


@pytest.mark.parametrize(
    "given",
    [
        {"DATASTORAGE_BOOTSTRAP_KEY": SECRET},
        {"DATASTORAGE_BOOTSTRAP_KEY": f"ds_{SECRET}"},
        {"DATASTORAGE_LOG_KEY": f"PRIVATE+KEY+{SECRET}"},
        {"DATASTORAGE_LOG_KEY": SECRET},
        {"DATASTORAGE_TLS_CERT": __file__, "DATASTORAGE_TLS_KEY": __file__},
        {"DATABASE_PASSWORD": SECRET, "DATABASE_URL": "nonsense"},
        {"REDIS_PASSWORD": SECRET, "REDIS_URL": "nonsense"},
        {"DATABASE_PASSWORD": SECRET, "REDIS_PASSWORD": SECRET},
        {"DATASTORAGE_STARTUP_TIMEOUT": "0.1"},
    ],
)
def test_a_service_that_does_not_start_says_why_without_secrets(
    clean: Callable[[str], None], given: dict[str, str]
) -> None:
    stores = {
        "DATABASE_URL": f"postgresql://app:{SECRET}@127.0.0.1:1/audit",
        "REDIS_URL": f"redis://:{SECRET}@127.0.0.1:1/0",
        "DATASTORAGE_CURSOR_SECRET": SECRET,
        "DATASTORAGE_CONSOLE_SECRET": SECRET,
        "DATASTORAGE_LOG_LEVEL": "debug",
        "DATASTORAGE_STARTUP_TIMEOUT": "0.1",
    }
    clean(serve(**{**stores, **given}))


@pytest.mark.parametrize("command", ["events", "dlq", "check", "top", "demo", "bundle"])
@pytest.mark.parametrize("broken", [False, True])
def test_commands_do_not_show_the_password_in_an_address_of_the_api(
    clean: Callable[[str], None], command: str, broken: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    url = f"http://app:{SECRET}@127.0.0.1:{'x' if broken else 1}"
    ended = run(command, "--url", url, "--token", SECRET)
    assert ended.exit_code == 2, ended.output
    clean(told(ended))


def test_a_token_that_cannot_be_one_is_not_shown(clean: Callable[[str], None]) -> None:
    for token in (f"{SECRET}\n", f"{SECRET}é"):
        clean(told(run("events", "--url", "http://127.0.0.1:1", "--token", token)))


def test_secrets_given_apart_are_masked_where_they_end_up(clean: Callable[[str], None], tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(yaml.safe_dump({name: SECRET for name in SECRETS if name.endswith(("password", "secret"))}))
    ended = run(
        "config",
        CONFIG_PATH=str(config),
        DATABASE_URL="postgresql://app@db/audit",
        DATABASE_OWNER_URL="host=db user=owner",
        REDIS_URL="redis://app@cache",
    )
    assert ended.exit_code == 0, ended.output
    assert ended.output.count("********") >= len(ADDRESSES)
    clean(told(ended))
    assert SecretStr(SECRET).get_secret_value() == SECRET
