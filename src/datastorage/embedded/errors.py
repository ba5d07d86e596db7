"""What can go wrong with servers of our own: each message is one line that says what to do."""

__all__ = [
    "AccountError",
    "DirectoryInUseError",
    "EmbeddedError",
    "MissingBinaryError",
    "PortInUseError",
    "StartError",
    "UnreachableDirectoryError",
    "WrongMajorError",
]


class EmbeddedError(Exception):
    """An embedded server cannot be run."""


class MissingBinaryError(EmbeddedError):
    """A server's program was not found."""


class PortInUseError(EmbeddedError):
    """Somebody else listens on the port."""


class WrongMajorError(EmbeddedError):
    """The data directory belongs to another major version of PostgreSQL."""


class DirectoryInUseError(EmbeddedError):
    """Another instance works in the data directory."""


class UnreachableDirectoryError(EmbeddedError):
    """The data directory cannot be created or entered."""


class AccountError(EmbeddedError):
    """No user account is fit to run PostgreSQL, which refuses to run as root."""


class StartError(EmbeddedError):
    """A server ended, or did not answer in time, while it was started."""
