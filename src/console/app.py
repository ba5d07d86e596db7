"""The console's Flask application: pages, errors, sessions and the headers of every answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from importlib import import_module, resources
from typing import Any

from flask import Flask, Response, g, redirect, render_template, request, session, url_for
from jinja2 import ChainableUndefined
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from access.errors import AccessUnavailableError, InvalidCredentialsError
from access.grants import Grant
from console.api import Api, ApiError, CallEndedError, Caller
from console.asker import Asker
from console.bridge import CALL_KEY, ConsoleApp
from console.reader import caller_of, came_from_elsewhere, csrf_token, is_forged, is_signed_in, use_sessions
from console.services import ConsoleServices
from console.streams import Streams
from console.visible import visible, visible_markup
from telemetry.logs import get_logger

__all__ = ["create_console", "create_pages"]

_log = get_logger("datastorage.console")
_PAGES = ("overview", "search", "timeline", "queue", "months", "workflows", "about", "signing_in")
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_DAY = 86400
_GONE = 499


def create_console(services: ConsoleServices, *, secret: bytes) -> tuple[ConsoleApp, Api]:
    """The console, and the seam through which it asks: connect it to the service's application before it serves.

    secret: signs the sessions; the same in all processes and instances.
    """
    api = Api()
    pages = create_pages(services, api, secret=secret)
    return ConsoleApp(pages, Streams(pages, api, services).by_path()), api


def create_pages(services: ConsoleServices, api: Api, *, secret: bytes) -> Flask:
    """The Flask application."""
    root = resources.files("console")
    app = Flask(
        "console",
        static_folder=str(root / "static"),
        static_url_path="/console/static",
        template_folder=str(root / "templates"),
    )
    app.config.update(SEND_FILE_MAX_AGE_DEFAULT=_DAY, MAX_FORM_MEMORY_SIZE=64 * 1024)
    app.jinja_options = {"undefined": ChainableUndefined, "trim_blocks": True, "lstrip_blocks": True}
    app.extensions["console"] = services
    use_sessions(app, secret)
    _add_template_helpers(app)
    app.before_request(_guarded(api, services.grant_of))
    app.after_request(_with_headers)
    app.register_error_handler(ApiError, _refused)
    app.register_error_handler(InvalidCredentialsError, lambda _: _to_sign_in())
    app.register_error_handler(AccessUnavailableError, _unchecked)
    app.register_error_handler(TimeoutError, _too_slow)
    app.register_error_handler(CallEndedError, lambda _: Response(status=_GONE))
    app.register_error_handler(HTTPException, _not_served)
    app.register_error_handler(Exception, _failed)
    for name in _PAGES:
        app.register_blueprint(import_module(f"console.pages.{name}").blueprint, url_prefix="/console")
    return app


def _guarded(api: Api, grant_of: Callable[[Caller], Awaitable[Grant]]) -> Callable[[], Any]:
    """What happens before each page: forged requests and strangers end here; the page gets its way to ask."""

    def before() -> Any:
        if request.endpoint == "static":
            return None
        if came_from_elsewhere(request):
            return render_template("arriving.html", address=request.full_path.rstrip("?"))
        if request.method == "POST" and is_forged(request):
            return _page_of("This form is too old", "Go back, reload the page, and send the form again.", 403)
        scope = request.environ["asgi.scope"]
        caller = caller_of(scope, session)
        g.ask = Asker(api, scope[CALL_KEY], caller)
        if request.blueprint != "signing_in":
            g.grant = g.ask.run(grant_of(caller))
        return None

    return before


def _with_headers(response: Response) -> Response:
    response.headers.extend(_HEADERS)
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    return response


def _refused(error: ApiError) -> AnyResponse | tuple[str, int]:
    problem = error.answer.problem
    if error.answer.status == 401:  # noqa: PLR2004 - Unauthorized
        return _to_sign_in()
    return _shown(problem.get("title", ""), problem.get("detail", ""), error.answer.status, problem.get("errors"))


def _to_sign_in() -> AnyResponse:
    """To the form, and back; a part of a page leads the whole page there."""
    if "HX-Request" in request.headers:
        return Response(status=401, headers={"HX-Redirect": url_for("signing_in.form")})
    here = request.full_path.rstrip("?") if request.method == "GET" else "/console/"
    return redirect(url_for("signing_in.form", next=here))


def _unchecked(_: AccessUnavailableError) -> tuple[str, int]:
    return _shown("Credentials cannot be checked now", "Nothing was changed. Reload the page in a moment.", 503)


def _too_slow(_: TimeoutError) -> tuple[str, int]:
    advice = "Narrow it: a shorter time range, one correlation, or one event type. The query was cancelled."
    return _shown("The question took too long", advice, 503)


def _not_served(error: HTTPException) -> tuple[str, int]:
    status = error.code or 500
    if status == 404:  # noqa: PLR2004 - Not Found
        return _shown("There is no such page", "Choose a page above, or search with /.", status)
    return _shown(error.name, error.description or "", status)


def _failed(error: Exception) -> tuple[str, int]:
    _log.error("unforeseen failure of the console", path=request.path, exc_info=error)
    return _shown("The console failed", "The service's log holds the cause under the request's id.", 500)


def _shown(title: str, detail: str, status: int, errors: Any = None) -> tuple[str, int]:
    whole = "HX-Request" not in request.headers
    template = "error.html" if whole else "parts/error.html"
    return render_template(template, title=title, detail=detail, status=status, errors=errors or []), status


def _page_of(title: str, detail: str, status: int) -> tuple[str, int]:
    return _shown(title, detail, status)


def _add_template_helpers(app: Flask) -> None:
    app.jinja_env.filters.update(
        visible=visible_markup, plain=visible, duration=duration, grouped=grouped, size=size, instant=instant, word=word
    )
    app.jinja_env.globals.update(csrf_token=csrf_token, is_signed_in=is_signed_in)


def instant(value: datetime | str) -> str:
    """An instant as RFC 3339 in UTC with `Z`."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def duration(milliseconds: float | None) -> str:
    """A length of time for a person: `640 ms`, `12.4 s`, `3 min 05 s`, `2 h 10 min`, `3 d 4 h`."""
    if milliseconds is None:
        return "—"
    if milliseconds < 1000:  # noqa: PLR2004 - a second
        return f"{milliseconds:.0f} ms"
    seconds = milliseconds / 1000
    if seconds < 60:  # noqa: PLR2004 - a minute
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:  # noqa: PLR2004 - an hour
        return f"{minutes} min {rest:02d} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours < 24 else f"{hours // 24} d {hours % 24} h"  # noqa: PLR2004 - a day


def grouped(number: int | None) -> str:
    """A number with its thousands apart."""
    return "—" if number is None else f"{number:,}"


def word(value: object) -> str:
    """A member of a document for a person: JSON's words for yes, no and nothing."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(word, value)) or "—"
    return "—" if value is None else str(value)


def size(number: int | None) -> str:
    """Bytes with a binary unit."""
    if number is None:
        return "—"
    value = float(number)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if value < 1024:  # noqa: PLR2004 - the next unit
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} TiB"
