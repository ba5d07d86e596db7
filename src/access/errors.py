"""What can keep a caller out. Messages are for the service's operators; none of them is sent to the caller."""

__all__ = ["AccessError", "AccessUnavailableError", "InvalidCredentialsError", "PolicyError"]


class AccessError(Exception):
    """The base of this package's errors."""


class InvalidCredentialsError(AccessError):
    """The credentials prove nothing. reason: one of a few words, for the metric and the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class AccessUnavailableError(AccessError):
    """The credentials cannot be checked now: the keys to check them with are not known yet, or too old."""


class PolicyError(AccessError):
    """The access file cannot be used; the message lists what is wrong with it."""
