"""Requests of an ASGI application as audit events, by rule.

python examples/asgi_app.py http://localhost:8080
"""

import asyncio
import sys

import httpx

from datastorage_client import AsyncBufferedAuditStore
from datastorage_client.integrations import AsgiAuditMiddleware, Rule


async def orders(scope, receive, send):
    status = 201 if scope["method"] == "POST" else 200
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": b"ok"})


RULES = [
    Rule(path="/health*", event_type="", category="", methods=(), skip=True),
    Rule(path="/orders*", event_type="shop.order.changed", category="workflow", resource_type="order"),
]


async def main(url):
    async with AsyncBufferedAuditStore(url) as store:
        app = AsgiAuditMiddleware(orders, store, RULES, actor=lambda _, headers: headers.get("x-user"))
        transport = httpx.ASGITransport(app)  # here the requests come from this program; uvicorn takes `app` as it is
        headers = {
            "x-correlation-id": "example-asgi-app",
            "x-user": "ann",
            "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        }
        async with httpx.AsyncClient(transport=transport, base_url="http://shop", headers=headers) as client:
            await client.post("/orders/4711")
            await client.get("/orders/4711")
            await client.post("/health")


asyncio.run(main(sys.argv[1]))
