import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { BufferedAuditStore, type BufferedAuditStoreOptions, BufferFullError, type Event, type Rejection } from "../src/index.js";
import { FileSpill } from "../src/node.js";
import { ScriptedService, type Step } from "./service.js";

const event = (more: Partial<Event> = {}): Event =>
  ({
    version: "1.0",
    event_type: "custom.thing.happened",
    event_timestamp: new Date().toISOString(),
    event_category: "gateway",
    event_action: "happened",
    event_outcome: "success",
    correlation_id: "rr-1",
    event_data: { k: "v" },
    ...more,
  }) as Event;

const quick = { flushIntervalMs: 20, retryMs: 5, retryMaxMs: 20 };

function storeOf(service: { url: string }, options: Partial<BufferedAuditStoreOptions> = {}): BufferedAuditStore {
  return new BufferedAuditStore({ baseUrl: service.url, ...quick, ...options });
}

test("what is stored is delivered under the id that store returned", async () => {
  await using service = await new ScriptedService().start();
  const store = storeOf(service);
  const ids = [store.store(event()), store.store(event({ event_id: "01939f5e-7f3c-7d2a-8c3e-0b6f1a2b3c4d" }))];
  assert.equal(service.received.length, 0);
  assert.ok(await store.close());
  assert.deepEqual([...service.taken.keys()], ids);
  assert.match(ids[0] as string, /^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  assert.equal(service.received[0]?.headers.prefer, "handling=lenient");
});

test("what the caller changes afterwards is not sent", async () => {
  await using service = await new ScriptedService().start();
  const store = storeOf(service);
  const sent = event();
  store.store(sent);
  sent.event_action = "changed";
  await store.close();
  assert.equal(service.received[0]?.events[0]?.["event_action"], "happened");
});

test("a full batch is sent without waiting for the timer, and large ones are compressed", async () => {
  await using service = await new ScriptedService().start();
  const store = storeOf(service, { flushIntervalMs: 3_600_000, batchSize: 50 });
  for (let n = 0; n < 50; n += 1) store.store(event());
  while (service.taken.size < 50) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(service.received[0]?.headers["content-encoding"], "gzip");
  await store.close();
});

const refusal = { type: "about:blank", title: "no", status: 400, detail: "no", instance: "/", request_id: "" };
const failures: [string, Step][] = [
  ["500", { status: 500 }],
  ["502 of a proxy", { status: 502, body: "<html>" }],
  ["503", { status: 503, headers: { "Retry-After": "0" } }],
  ["429 with Retry-After", { status: 429, headers: { "Retry-After": "0" } }],
  ["404 of a route that is not there yet", { status: 404 }],
  ["a connection cut before the events were taken", "cut"],
  ["a connection cut after the events were taken", "take and cut"],
  ["200 that is no answer of the service", { status: 200, body: "<html>hello</html>" }],
];
for (const [name, step] of failures) {
  test(`the batch is sent again after ${name}, with the same ids`, async () => {
    await using service = await new ScriptedService([step]).start();
    const store = storeOf(service);
    const ids = [store.store(event()), store.store(event())];
    assert.ok(await store.close());
    assert.deepEqual([...service.taken.keys()], ids);
    assert.equal(store.metrics().audit_events_written_total, 2);
    assert.equal(store.metrics().audit_batches_failed_total, 1);
  });
}

test("a service that is away for a while gets everything once it is back", async () => {
  const away = new BufferedAuditStore({ baseUrl: "http://127.0.0.1:9", ...quick });
  away.store(event());
  assert.equal(await away.flush(100), false);
  assert.equal(away.metrics().audit_buffer_size, 1);
  await away.close(1);
});

test("one refused event is reported and takes no other along", async () => {
  await using service = await new ScriptedService([], (one) => (one["event_action"] === "bad" ? 400 : undefined)).start();
  const rejected: Rejection[] = [];
  const store = storeOf(service, { onRejected: (one) => rejected.push(one) });
  for (let n = 0; n < 20; n += 1) store.store(event({ event_action: n === 7 ? "bad" : "good" }));
  assert.ok(await store.close());
  assert.equal(service.taken.size, 19);
  assert.deepEqual(
    rejected.map(({ event: { event_action }, problem }) => [event_action, problem.status]),
    [["bad", 400]],
  );
});

test("an event that was not taken for a reason that passes is sent again", async () => {
  let full = 2;
  await using service = await new ScriptedService([], (one) =>
    one["event_action"] === "late" && full-- > 0 ? 503 : undefined,
  ).start();
  const store = storeOf(service, { onRejected: () => assert.fail("it must not be reported") });
  store.store(event());
  const late = store.store(event({ event_action: "late" }));
  assert.ok(await store.close());
  assert.equal(service.taken.get(late), 1);
});

test("a batch that is refused as a whole is halved until the event that cannot be sent is alone", async () => {
  const tooLarge = (received: { events: Record<string, unknown>[] }): Step =>
    received.events.some((one) => one["event_action"] === "huge") ? { status: 413, body: refusal } : "take";
  await using service = await new ScriptedService(Array.from({ length: 40 }, () => tooLarge)).start();
  const rejected: Rejection[] = [];
  const store = storeOf(service, { onRejected: (one) => rejected.push(one) });
  for (let n = 0; n < 33; n += 1) store.store(event({ event_action: n === 13 ? "huge" : "small" }));
  assert.ok(await store.close());
  assert.equal(service.taken.size, 32);
  assert.equal(rejected.length, 1);
  assert.equal(rejected[0]?.event.event_action, "huge");
});

test("401 refreshes the token and keeps the batch", async () => {
  await using service = await new ScriptedService([{ status: 401 }, { status: 401 }, { status: 403 }]).start();
  const asked: boolean[] = [];
  const store = storeOf(service, { token: (refresh) => `t${asked.push(refresh)}` });
  store.store(event());
  assert.ok(await store.close());
  assert.equal(service.taken.size, 1);
  assert.deepEqual(asked, [false, true, false, true]);
  assert.equal(service.received.at(-1)?.headers.authorization, "Bearer t4");
});

test("a full buffer raises, or drops the oldest and reports it", async () => {
  await using service = await new ScriptedService().start();
  const raising = storeOf(service, { capacity: 5, batchSize: 5, flushIntervalMs: 3_600_000 });
  const idle = { capacity: 5, batchSize: 5, flushIntervalMs: 3_600_000, baseUrl: "http://127.0.0.1:9" };
  const stuck = new BufferedAuditStore(idle);
  for (let n = 0; n < 5; n += 1) stuck.store(event());
  assert.throws(() => stuck.store(event()), BufferFullError);
  assert.equal(stuck.metrics().audit_buffer_utilization_ratio, 1);
  await stuck.close(1);
  await raising.close();
  const dropped: Event[] = [];
  const dropping = new BufferedAuditStore({ ...idle, batchSize: 1, whenFull: "drop_oldest", onDropped: (one) => dropped.push(one) });
  for (let n = 0; n < 7; n += 1) dropping.store(event({ event_action: `n${n}` }));
  assert.deepEqual(dropped.map((one) => one.event_action), ["n1", "n2"]); // n0 is under way
  await dropping.close(1);
  assert.equal(dropping.metrics().audit_events_dropped_total, 7);
});

test("a hook that throws stops nothing", async () => {
  await using service = await new ScriptedService([], (one) => (one["event_action"] === "bad" ? 400 : undefined)).start();
  const store = storeOf(service, {
    onRejected: () => {
      throw new Error("hook");
    },
  });
  store.store(event({ event_action: "bad" }));
  store.store(event());
  assert.ok(await store.close());
  assert.equal(service.taken.size, 1);
});

test("what cannot be used is refused where it is given", async () => {
  for (const options of [{ capacity: 0 }, { batchSize: -1 }, { batchSize: 20, capacity: 10 }, { batchSize: 1001, capacity: 2000 }]) {
    assert.throws(() => new BufferedAuditStore({ baseUrl: "http://x", ...options }), RangeError);
  }
  for (const baseUrl of ["", "nonsense", "ftp://x"]) assert.throws(() => new BufferedAuditStore({ baseUrl }), TypeError);
  const store = new BufferedAuditStore({ baseUrl: "http://x" });
  assert.throws(() => store.store(null as unknown as Event), TypeError);
  assert.throws(() => store.store(event({ event_data: { big: 1n } })), TypeError);
  assert.equal(store.metrics().audit_buffer_size, 0);
  await store.close();
  assert.throws(() => store.store(event()), TypeError);
});

test("a closed store keeps no process alive", async () => {
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
  const before = timers();
  const store = new BufferedAuditStore({ baseUrl: "http://127.0.0.1:9", batchSize: 1, retryMs: 3_600_000, retryMaxMs: 3_600_000 });
  store.store(event());
  await store.close(1);
  for (let n = 0; n < 200 && timers() > before; n += 1) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.ok(timers() <= before);
});

const spillPath = () => join(mkdtempSync(join(tmpdir(), "spill-")), "events");

test("a spill gives the next process what was neither delivered nor reported", async () => {
  const path = spillPath();
  const first = new BufferedAuditStore({ baseUrl: "http://127.0.0.1:9", ...quick, spill: new FileSpill(path) });
  const ids = [first.store(event()), first.store(event())];
  assert.equal(await first.close(50), false);
  appendFileSync(path, "00000000 {torn");
  await using service = await new ScriptedService().start();
  const second = storeOf(service, { spill: new FileSpill(path) });
  ids.push(second.store(event()));
  assert.ok(await second.close());
  assert.deepEqual([...service.taken.keys()], ids);
  assert.equal(readFileSync(path, "utf8"), "");
});

test("a spill is bounded in what waits, not in what went through it", () => {
  const path = spillPath();
  const spill = new FileSpill(path, { maxBytes: 2000 });
  const text = JSON.stringify({ event_id: "a", data: "x".repeat(500) });
  for (let n = 0; n < 500; n += 1) {
    spill.append({ event_id: `id${n}`, text });
    spill.settle([`id${n}`]);
  }
  for (let n = 0; n < 3; n += 1) spill.append({ event_id: `w${n}`, text });
  assert.throws(() => spill.append({ event_id: "w3", text }), RangeError);
  assert.throws(() => new FileSpill(path), /is used by process/);
  spill.close();
});

test("kill -9 of the process loses nothing and doubles nothing", async () => {
  const path = spillPath();
  await using service = await new ScriptedService(
    Array.from({ length: 200 }, (_, n): Step => (n % 3 === 0 ? "take and cut" : n % 3 === 1 ? "cut" : "take")),
  ).start();
  const taken: string[] = [];
  const program = fileURLToPath(new URL("./crashing.js", import.meta.url));
  for (let round = 0; round < 4; round += 1) {
    const child = spawn(process.execPath, [program, service.url, path], { stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    const enough = new Promise<void>((resolve) => {
      child.stdout.on("data", (chunk: Buffer) => {
        text += chunk.toString();
        if (text.length > 37 * (40 + 70 * round)) resolve();
      });
    });
    const ended = new Promise((resolve) => child.on("close", resolve));
    await Promise.race([enough, ended]);
    child.kill("SIGKILL");
    await ended;
    taken.push(...(text.match(/[0-9a-f-]{36}\n/g) ?? []).map((line) => line.trim()));
  }
  const last = storeOf(service, { spill: new FileSpill(path), capacity: 100_000 });
  assert.ok(await last.close());
  assert.ok(taken.length > 160);
  assert.deepEqual(taken.filter((id) => !service.taken.has(id)), []);
});

test("put waits for room, in turn with what is delivered", async () => {
  await using service = await new ScriptedService().start();
  const store = storeOf(service, { capacity: 5, batchSize: 5 });
  const ids = await Promise.all(Array.from({ length: 23 }, () => store.put(event(), 10_000)));
  assert.ok(await store.close());
  assert.deepEqual(new Set(service.taken.keys()), new Set(ids));
  assert.equal(new Set(ids).size, 23);
  assert.equal(store.metrics().audit_events_dropped_total, 0);
});

test("put throws when no room comes, and at the end of the store", async () => {
  const away = new BufferedAuditStore({ baseUrl: "http://127.0.0.1:9", ...quick, capacity: 1, batchSize: 1, whenFull: "drop_oldest" });
  await away.put(event());
  await assert.rejects(away.put(event(), 30), BufferFullError);
  const waiting = assert.rejects(away.put(event(), 60_000), /closed/);
  await away.close(1);
  await waiting;
  assert.equal(away.metrics().audit_events_dropped_total, 1);
});
