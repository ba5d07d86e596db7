"""Functions and blocks as audit events, with duration, outcome, parent and trace.

python examples/calls.py http://localhost:8080
"""

import contextlib
import sys

from datastorage_client import BufferedAuditStore
from datastorage_client.integrations import audit_context, audit_span, audited

store = BufferedAuditStore(sys.argv[1])


@audited(store, "execution.pod.restarted", category="execution", data=lambda pod: {"pod": pod})
def restart(pod):
    if pod == "gone":
        raise LookupError(f"there is no pod {pod}")


with audit_context(correlation_id="example-calls", trace_id="4bf92f3577b34da6a3ce929d0e0e4736"):
    # started=True: an event at the start, too, which is the parent of all that happens within.
    with audit_span(store, "execution.remediation.completed", category="execution", started=True) as span:
        restart("api-7f9")
        with contextlib.suppress(LookupError):
            restart("gone")
        span.data["restarted"] = 1

store.close()
