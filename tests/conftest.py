"""Fixtures are themed plugins; a ring's own conftest adds only what that ring alone needs."""

import signal

# A shell that runs the tests in the background has Ctrl-C ignored, which every process that they start would inherit.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

pytest_plugins = [
    "tests.fixtures.servers",
    "tests.fixtures.database",
    "tests.fixtures.controlled",
    "tests.fixtures.service",
    "tests.fixtures.proxy",
    "tests.fixtures.tasks",
    "tests.fixtures.v1_database",
]
