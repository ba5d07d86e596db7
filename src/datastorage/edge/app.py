"""Assembly of the edge: Front -> ConnexionMiddleware (routing, gate, validation) -> Dispatcher."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

from connexion.middleware import ConnexionMiddleware
from connexion.middleware.lifespan import LifespanMiddleware
from connexion.middleware.main import API
from connexion.middleware.routing import RoutingMiddleware
from connexion.resolver import Resolver
from connexion.spec import OpenAPISpecification
from starlette.convertors import PathConvertor, register_url_convertor

import handlers
from datastorage.edge.access_log import AccessLog
from datastorage.edge.admission import Admission
from datastorage.edge.body import BodyValidator
from datastorage.edge.contract import Contract, SpecError, load_spec
from datastorage.edge.dispatcher import ASGIApp, Dispatcher, Handler
from datastorage.edge.front import Front
from datastorage.edge.gate import Gate, Guard
from datastorage.edge.origins import Origins
from datastorage.edge.pages import Pages
from datastorage.edge.parameters import ParameterValidator
from datastorage.edge.validation import Validation
from datastorage.settings import Settings
from handlers.dependencies import Dependencies

__all__ = ["build_asgi_app", "find_handlers"]

#: Members that an object may have beside those that are counted for themselves.
_MEMBERS_OF_THE_REST = 10_000
Lifespan = Callable[[Any], AbstractAsyncContextManager[Any]]


class _WholePath(PathConvertor):
    """A path with whatever is in it: Starlette's own has no line feeds, and identifiers may."""

    regex = "(?s:.*)"


register_url_convertor("path", _WholePath())


def build_asgi_app(
    settings: Settings,
    dependencies: Dependencies,
    *,
    lifespan: Lifespan,
    apps: Mapping[str, ASGIApp],
    mounts: Mapping[str, ASGIApp] | None = None,
    guard: Guard | None = None,
    spec: tuple[bytes, dict[str, Any]] | None = None,
    found: Mapping[str, Handler] | None = None,
) -> ASGIApp:
    """The service as one ASGI application.

    lifespan: entered when the server starts and left when it stops. apps: operationId -> ASGI application, for the
    operations that another framework answers. mounts: path -> ASGI application for everything below. guard: checks the
    callers; None where authentication is off. spec and found: the contract (text, document) and the handlers, where
    they are not the service's own.
    Raises SpecError when the contract is broken, or an operation has no handler, or a handler no operation: a service
    without its contract must not start.
    """
    text, document = spec or load_spec()
    contract = Contract(document)
    found = find_handlers() if found is None else found
    _match(set(contract.operations), {*found, *apps})
    pages = Pages(text, document, start="/console/" if "/console" in (mounts or {}) else "")
    dispatcher = Dispatcher(found, apps, pages, dependencies, mounts or {})
    gate = Gate(contract.operations, guard, public_pages=settings.shows_pages, mounts=mounts or {})
    return Front(
        _connexion(contract, dispatcher, lifespan, gate, settings),
        origins=Origins(settings.allowed_hosts),
        problem_base_url=settings.problem_base_url,
        url_max_bytes=settings.url_max_bytes,
        body_max_bytes=settings.body_max_bytes,
        access_log=AccessLog(settings.access_log_sample),
        allowed_methods=lambda path: contract.allowed_methods(path) or pages.allowed_methods(path),
    )


def find_handlers() -> dict[str, Handler]:
    """Every public coroutine function of the modules in `handlers`, by its name, which is its operationId.

    Raises SpecError when two modules define the same name.
    """
    found: dict[str, Handler] = {}
    for entry in pkgutil.iter_modules(handlers.__path__):
        module = importlib.import_module(f"handlers.{entry.name}")
        for name, function in inspect.getmembers(module, inspect.iscoroutinefunction):
            if name.startswith("_") or function.__module__ != module.__name__:
                continue
            if name in found:
                raise SpecError(f"two modules of handlers define {name}")
            found[name] = function
    return found


def _match(declared: set[str], answered: set[str]) -> None:
    if missing := sorted(declared - answered):
        raise SpecError(f"the contract has operations without a handler: {', '.join(missing)}")
    if extra := sorted(answered - declared):
        raise SpecError(f"there are handlers without an operation in the contract: {', '.join(extra)}")


class _StrictRouting(RoutingMiddleware):  # type: ignore[misc]  # connexion ships no types
    """Routing without redirects: an address with a slash too many is unknown, as the contract says."""

    def add_api(self, *args: Any, **options: Any) -> None:
        super().add_api(*args, **options)
        for router in (self.router, *(route.app for route in self.router.routes)):
            router.redirect_slashes = False


class _Specification(OpenAPISpecification):  # type: ignore[misc]  # connexion ships no types
    """The contract for Connexion, without its check: Contract and `make generate` have made theirs."""

    @classmethod
    def _validate_spec(cls, spec: Any) -> None: ...


def _connexion(contract: Contract, dispatcher: Dispatcher, lifespan: Lifespan, gate: Gate, settings: Settings) -> Any:
    checks = Validation(
        contract.operations,
        # This worker's share.
        Admission(max(settings.body_max_bytes * 2, settings.bodies_max_bytes // settings.workers)),
        ParameterValidator(contract.operations),
        BodyValidator(
            contract.operations, settings.body_max_bytes, settings.event_data_max_members + _MEMBERS_OF_THE_REST
        ),
    )
    middleware = ConnexionMiddleware(
        dispatcher,
        lifespan=lifespan,
        # Not Connexion's error, security, Swagger UI, response and context layers: Front, Gate and Pages do that.
        middlewares=[_StrictRouting, gate.wrapping, checks.wrapping, LifespanMiddleware],
        resolver=Resolver(lambda operation_id: operation_id),
    )
    # What ConnexionMiddleware.add_api does with a document of which nothing is known yet, without its check.
    middleware.apis.append(
        API(_Specification({**contract.document}), base_path=None, name=None, **middleware.options.__dict__)
    )
    # Connexion builds its layers at the first request; a contract that it cannot route must stop the start instead.
    middleware.app, middleware.middleware_stack = middleware._build_middleware_stack()  # noqa: SLF001
    return middleware
