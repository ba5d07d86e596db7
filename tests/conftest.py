"""Fixtures are themed plugins; a ring's own conftest adds only what that ring alone needs."""

pytest_plugins = [
    "tests.fixtures.servers",
    "tests.fixtures.database",
    "tests.fixtures.controlled",
    "tests.fixtures.service",
    "tests.fixtures.proxy",
]
