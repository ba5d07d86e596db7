"""Requests of a WSGI application as audit events, by rule.

python examples/wsgi_app.py http://localhost:8080
"""

import sys

import httpx

from datastorage_client import BufferedAuditStore
from datastorage_client.integrations import Rule, WsgiAuditMiddleware


def orders(environ, start_response):
    status = "201 Created" if environ["PATH_INFO"] == "/orders/4711" else "404 Not Found"
    start_response(status, [])
    return [b"ok"]


RULES = [Rule(path="/orders*", event_type="shop.order.changed", category="workflow", resource_type="order")]

with BufferedAuditStore(sys.argv[1]) as store:
    app = WsgiAuditMiddleware(orders, store, RULES)
    transport = httpx.WSGITransport(app)  # here the requests come from this program; gunicorn takes `app` as it is
    headers = {"x-correlation-id": "example-wsgi-app"}
    with httpx.Client(transport=transport, base_url="http://shop", headers=headers) as client:
        client.post("/orders/4711")
        client.put("/orders/0000")
        client.get("/orders/4711")
