"""Fixtures are themed plugins; a ring's own conftest adds only what that ring alone needs."""

pytest_plugins: list[str] = []
