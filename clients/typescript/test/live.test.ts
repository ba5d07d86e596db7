/** Against a running service: DATASTORAGE_URL, or the one that `make run` starts. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { BufferedAuditStore, createDataStorageClient, type Event, events, ProblemError } from "../src/index.js";

const baseUrl = process.env["DATASTORAGE_URL"] ?? "http://127.0.0.1:8080";

const signal = (correlation_id: string): Event => ({
  version: "1.0",
  event_type: "gateway.signal.received",
  event_timestamp: new Date().toISOString(),
  event_category: "gateway",
  event_action: "received",
  event_outcome: "success",
  correlation_id,
  event_data: { alert_name: "HighCPU", is_duplicate: false, more: [1, 2.5, "é"] },
});

test("an event makes the round trip, typed", async () => {
  const client = createDataStorageClient({ baseUrl });
  const correlation = `ts-${crypto.randomUUID()}`;
  const body = signal(correlation);
  const created = await client.POST("/api/v1/audit/events", { body });
  assert.equal(created.response.status, 201);
  const event_id = (created.data as { event_id: string }).event_id;
  const { data } = await client.GET("/api/v1/audit/events/{event_id}", { params: { path: { event_id } } });
  assert.deepEqual(data?.event_data, body.event_data);
  assert.equal(data?.actor_id, "gateway-service");
});

test("a refusal is a ProblemError with every violation", async () => {
  const client = createDataStorageClient({ baseUrl });
  const body = { ...signal("x"), version: "1".repeat(11), event_data: { is_duplicate: "no" } } as unknown as Event;
  await assert.rejects(client.POST("/api/v1/audit/events", { body }), (error) => {
    assert.ok(error instanceof ProblemError);
    assert.deepEqual([error.status, error.slug], [400, "validation-error"]);
    const pointers = error.problem.errors?.map(({ pointer }) => pointer);
    assert.deepEqual(new Set(pointers), new Set(["#/version", "#/event_data/is_duplicate"]));
    return true;
  });
});

test("5000 events through the buffered store are read back, each once", async () => {
  const correlation = `ts-${crypto.randomUUID()}`;
  const store = new BufferedAuditStore({ baseUrl, capacity: 5000, timeoutMs: 30_000 });
  const ids = Array.from({ length: 5000 }, () => store.store(signal(correlation)));
  assert.ok(await store.close(100_000));
  const found: string[] = [];
  const client = createDataStorageClient({ baseUrl, timeoutMs: 30_000 });
  for await (const event of events(client, { correlation_id: correlation })) found.push(event.event_id);
  assert.deepEqual(found.toSorted(), ids.toSorted());
});
