"""The program: settings, CLI, app factory, lifespan, embedded servers."""

__all__ = ["__version__"]

__version__ = "1.0.0"
