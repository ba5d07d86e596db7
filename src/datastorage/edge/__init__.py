"""The HTTP edge: everything between the ASGI server and a handler, driven by the contract."""

from datastorage.edge.app import build_asgi_app
from datastorage.edge.contract import SpecError, load_spec

__all__ = ["SpecError", "build_asgi_app", "load_spec"]
