import { v7 as uuidv7 } from "uuid";

import { addressOf, type AuditEventInput, type ClientOptions, fetchWith } from "./client.js";
import { type Problem, problemOf } from "./problem.js";
import type { Spill, Waiting } from "./spill.js";

/** An event as `store` takes it: the contract's, typed by its event_type, or any of its shape. */
export type Event = AuditEventInput;

/** An event that the service refuses for good, and why. */
export interface Rejection {
  event: Event;
  problem: Problem;
}

export interface BufferedAuditStoreOptions extends ClientOptions {
  /** Events that may wait in memory; 1000 if absent. */
  capacity?: number;
  /** Events in one request, at most 1000; 500 if absent. */
  batchSize?: number;
  /** Milliseconds after which what waits is sent, full batch or not; 1000 if absent. */
  flushIntervalMs?: number;
  /** What `store` does when `capacity` events wait: throw BufferFullError (`raise`), or drop the oldest (`drop_oldest`). */
  whenFull?: "raise" | "drop_oldest";
  /** Keeps events beyond the death of the process; `FileSpill` of `datastorage-client/node` is one. */
  spill?: Spill;
  /** Milliseconds before the first retry, doubled up to `retryMaxMs`, of which a random part is waited; 200 and 30000. */
  retryMs?: number;
  retryMaxMs?: number;
  /** Called for each event that the service refuses. An exception in it is ignored. */
  onRejected?: (rejection: Rejection) => void;
  /** Called for each event that was dropped because the buffer was full or the store was closed. */
  onDropped?: (event: Event) => void;
}

/** Counters since the start, and what waits now; the names are those of the other clients. */
export interface Metrics {
  audit_events_buffered_total: number;
  audit_events_dropped_total: number;
  audit_events_rejected_total: number;
  audit_events_written_total: number;
  audit_batches_failed_total: number;
  audit_write_duration_seconds_count: number;
  audit_write_duration_seconds_sum: number;
  audit_buffer_size: number;
  audit_buffer_capacity: number;
  audit_buffer_utilization_ratio: number;
}

/** `capacity` events wait already: the caller must slow down, drop the event, or `flush`. */
export class BufferFullError extends Error {
  override readonly name = "BufferFullError";
}

/** What became of a batch: its settled events (delivered or reported), and what to do about the others. */
type Verdict = { settled: Waiting[]; others: "none" | "again" | "halve"; waitMs?: number };
type Item = { status: string; problem?: Problem };

/** Statuses that say something about the events; every other refusal is about the moment or the way to the service. */
const REFUSALS = new Set([400, 409, 413, 415, 422]);

/**
 * Takes audit events without waiting and delivers each exactly once, or reports it to `onRejected` or `onDropped`.
 *
 * `store` gives every event its event_id, so that a batch may be sent again after any failure without doubling one. One
 * refused event never takes the others along. While events wait the process is kept alive; `close` ends that.
 */
export class BufferedAuditStore {
  readonly #options: Required<Omit<BufferedAuditStoreOptions, "token" | "spill" | "onRejected" | "onDropped" | "fetch">>;
  readonly #given: BufferedAuditStoreOptions;
  readonly #send: (request: Request) => Promise<Response>;
  readonly #totals = { buffered: 0, dropped: 0, rejected: 0, written: 0, failed: 0, requests: 0, seconds: 0 };
  /** Oldest first; the first `#sending` of them are in a request. */
  #waiting: Waiting[] = [];
  #sending = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | undefined;
  #wake: () => void = () => undefined;
  #state: "open" | "closing" | "closed" = "open";
  /** Who waits for room: told when something was settled, and at the end. */
  #roomFor = new Set<() => void>();

  /** Throws TypeError or RangeError naming the option that cannot be used. */
  constructor(options: BufferedAuditStoreOptions) {
    this.#given = options;
    this.#options = checked({
      timeoutMs: 5000,
      capacity: 1000,
      batchSize: 500,
      flushIntervalMs: 1000,
      whenFull: "raise",
      retryMs: 200,
      retryMaxMs: 30_000,
      ...options,
      baseUrl: addressOf(options.baseUrl),
    });
    this.#send = fetchWith(options);
    this.#waiting = [...(options.spill?.pending() ?? [])];
    this.#totals.buffered = this.#waiting.length;
    this.#schedule();
  }

  /**
   * Take an event; returns its event_id at once. With a spill the event is in its file first.
   * Throws BufferFullError, TypeError where it is no object or cannot be JSON, or what the spill throws: it was not taken.
   */
  store(event: Event): string {
    if (this.#state !== "open") throw new TypeError("the store is closed");
    if (typeof event !== "object" || event === null) throw new TypeError("an event is an object");
    const event_id = event.event_id ?? uuidv7();
    const taken = { event_id, text: JSON.stringify({ ...event, event_id }) };
    if (this.#waiting.length >= this.#options.capacity) this.#makeRoom();
    this.#given.spill?.append(taken);
    this.#waiting.push(taken);
    this.#totals.buffered += 1;
    this.#schedule();
    return event_id;
  }

  /**
   * As `store`, but a full buffer is waited for, for at most `timeoutMs` (1000 if absent), whatever `whenFull` says.
   * Throws BufferFullError when no room came, and what `store` throws.
   */
  async put(event: Event, timeoutMs = 1000): Promise<string> {
    const deadline = performance.now() + timeoutMs;
    while (this.#state === "open" && this.#waiting.length >= this.#options.capacity) {
      const left = deadline - performance.now();
      if (left <= 0) throw new BufferFullError(`${this.#options.capacity} events wait to be sent, for ${timeoutMs} ms already`);
      await this.#room(left);
    }
    return this.store(event);
  }

  /** Send what waits now; resolves to whether all of it was settled within `timeoutMs` (30 s if absent). */
  async flush(timeoutMs = 30_000): Promise<boolean> {
    const last = this.#waiting.at(-1);
    const deadline = Date.now() + timeoutMs;
    this.#wake();
    while (last !== undefined && this.#waiting.includes(last)) {
      const left = deadline - Date.now();
      if (left <= 0) return false;
      await Promise.race([this.#run(), new Promise((resolve) => setTimeout(resolve, Math.min(50, left)))]);
    }
    return true;
  }

  /**
   * Take no more, flush, and report what is left to `onDropped`; with a spill it stays for the next start instead.
   * Resolves to whether nothing was left. An event whose request was under way may be reported and yet arrive.
   */
  async close(timeoutMs = 30_000): Promise<boolean> {
    if (this.#state === "open") this.#state = "closing";
    this.#tellOfRoom();
    const whole = await this.flush(timeoutMs);
    if (this.#state === "closed") return whole;
    this.#state = "closed";
    clearTimeout(this.#timer);
    const left = this.#waiting;
    this.#waiting = [];
    this.#wake();
    if (this.#given.spill === undefined) for (const event of left) this.#drop(event);
    this.#given.spill?.close();
    return whole;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  metrics(): Metrics {
    const { buffered, dropped, rejected, written, failed, requests, seconds } = this.#totals;
    return {
      audit_events_buffered_total: buffered,
      audit_events_dropped_total: dropped,
      audit_events_rejected_total: rejected,
      audit_events_written_total: written,
      audit_batches_failed_total: failed,
      audit_write_duration_seconds_count: requests,
      audit_write_duration_seconds_sum: seconds,
      audit_buffer_size: this.#waiting.length,
      audit_buffer_capacity: this.#options.capacity,
      audit_buffer_utilization_ratio: this.#waiting.length / this.#options.capacity,
    };
  }

  #makeRoom(): void {
    const oldest = this.#options.whenFull === "drop_oldest" ? this.#waiting.splice(this.#sending, 1)[0] : undefined;
    if (oldest === undefined) throw new BufferFullError(`${this.#options.capacity} events wait to be sent`);
    this.#given.spill?.settle([oldest.event_id]);
    this.#drop(oldest);
  }

  #schedule(): void {
    if (this.#waiting.length === 0 || this.#running !== undefined) return;
    if (this.#waiting.length >= this.#options.batchSize) void this.#run();
    else this.#timer ??= setTimeout(() => void this.#run(), this.#options.flushIntervalMs);
  }

  /** One sender at a time: until nothing waits. */
  #run(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#running ??= this.#sendAll().finally(() => {
      this.#running = undefined;
      this.#schedule();
    });
    return this.#running;
  }

  async #sendAll(): Promise<void> {
    let failures = 0;
    let size = this.#options.batchSize;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, size);
      this.#sending = batch.length;
      const verdict = await this.#delivered(batch);
      this.#sending = 0;
      this.#settle(verdict.settled);
      size = verdict.others === "halve" ? Math.ceil(batch.length / 2) : Math.min(size * 2, this.#options.batchSize);
      if (verdict.others !== "again") failures = 0;
      else if (this.#waiting.length > 0) await this.#pause(verdict.waitMs ?? this.#backOff((failures += 1)));
    }
  }

  #settle(settled: Waiting[]): void {
    if (settled.length === 0 || this.#state === "closed") return;
    const gone = new Set(settled);
    this.#waiting = this.#waiting.filter((event) => !gone.has(event));
    this.#given.spill?.settle(settled.map((event) => event.event_id));
    this.#tellOfRoom();
  }

  #tellOfRoom(): void {
    for (const tell of this.#roomFor) tell();
  }

  #room(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#roomFor.delete(done);
        resolve();
      };
      const timer = setTimeout(done, withinMs);
      this.#roomFor.add(done);
    });
  }

  /** Send one batch. Whatever goes wrong on the way is a reason to send it again: its events have their ids. */
  async #delivered(batch: Waiting[]): Promise<Verdict> {
    const began = performance.now();
    const verdict = await this.#deliver(batch).catch((): Verdict => ({ settled: [], others: "again" }));
    this.#totals.requests += 1;
    this.#totals.seconds += (performance.now() - began) / 1000;
    if (verdict.others === "again") this.#totals.failed += 1;
    return verdict;
  }

  async #deliver(batch: Waiting[]): Promise<Verdict> {
    const response = await this.#send(await this.#request(batch));
    const body = parsed(await response.text());
    if (response.ok) return this.#sorted(batch, (body as { results: Item[] }).results);
    if (!REFUSALS.has(response.status)) return { settled: [], others: "again", ...retryAfter(response) };
    if (batch.length > 1) return { settled: [], others: "halve" };
    for (const event of batch) this.#reject(event, problemOf(response.status, body, "/api/v1/audit/events/batch"));
    return { settled: batch, others: "none" };
  }

  #sorted(batch: Waiting[], results: Item[]): Verdict {
    if (results.length !== batch.length) throw new TypeError("the answer is about another batch");
    const settled = batch.filter((event, index) => {
      const { status, problem } = results[index] as Item;
      if (status !== "rejected") this.#totals.written += 1;
      else if (problem === undefined || !REFUSALS.has(problem.status)) return false;
      else this.#reject(event, problem);
      return true;
    });
    return { settled, others: settled.length === batch.length ? "none" : "again" };
  }

  async #request(batch: Waiting[]): Promise<Request> {
    const headers = new Headers({ "Content-Type": "application/json", Prefer: "handling=lenient" });
    let body: BodyInit = `[${batch.map((event) => event.text).join(",")}]`;
    if (typeof CompressionStream !== "undefined" && body.length > 1024) {
      headers.set("Content-Encoding", "gzip");
      body = await new Response(new Blob([body]).stream().pipeThrough(new CompressionStream("gzip"))).arrayBuffer();
    }
    return new Request(`${this.#options.baseUrl}/api/v1/audit/events/batch`, { method: "POST", headers, body });
  }

  #reject(waiting: Waiting, problem: Problem): void {
    this.#totals.rejected += 1;
    quietly(() => this.#given.onRejected?.({ event: JSON.parse(waiting.text) as Event, problem }));
  }

  #drop(waiting: Waiting): void {
    this.#totals.dropped += 1;
    quietly(() => this.#given.onDropped?.(JSON.parse(waiting.text) as Event));
  }

  #backOff(failures: number): number {
    const { retryMs, retryMaxMs } = this.#options;
    return Math.random() * Math.min(retryMaxMs, retryMs * 2 ** (failures - 1));
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function checked<T extends Record<string, unknown>>(options: T): T {
  const positive = ["timeoutMs", "capacity", "batchSize", "flushIntervalMs", "retryMs", "retryMaxMs"];
  for (const name of positive) {
    if (!(typeof options[name] === "number" && options[name] > 0)) throw new RangeError(`${name} must be more than 0`);
  }
  if ((options["batchSize"] as number) > Math.min(1000, options["capacity"] as number)) {
    throw new RangeError("batchSize must be at most capacity, and at most 1000");
  }
  return options;
}

/** What the service asks for in seconds, with a little more so that clients do not come back all at once. */
function retryAfter(response: Response): { waitMs?: number } {
  const seconds = Number(response.headers.get("Retry-After") ?? Number.NaN);
  return seconds >= 0 ? { waitMs: seconds * 1000 + Math.random() * 500 } : {};
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function quietly(call: () => void): void {
  try {
    call();
  } catch {
    // The caller's own hook must not stop the delivery of the events behind it.
  }
}
