import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";

/** What a scripted service does with one request: answer, or cut the connection before or after it took the events. */
export type Step = { status: number; body?: unknown; headers?: Record<string, string> } | "take" | "cut" | "take and cut";

export interface Received {
  headers: IncomingMessage["headers"];
  events: Record<string, unknown>[];
}

/** A service that follows a script, then takes everything; `taken` counts how often it took each event_id. */
export class ScriptedService implements AsyncDisposable {
  readonly received: Received[] = [];
  readonly taken = new Map<string, number>();
  readonly #server: Server;

  constructor(
    readonly script: (Step | ((received: Received) => Step))[] = [],
    readonly refuse: (event: Record<string, unknown>) => number | undefined = () => undefined,
  ) {
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const raw = Buffer.concat(chunks);
    const text = (request.headers["content-encoding"] === "gzip" ? gunzipSync(raw) : raw).toString();
    const received = { headers: request.headers, events: JSON.parse(text) as Record<string, unknown>[] };
    this.received.push(received);
    const next = this.script.shift() ?? "take";
    const step = typeof next === "function" ? next(received) : next;
    if (step === "cut") return void request.socket.destroy();
    if (typeof step === "object") {
      response.writeHead(step.status, { "Content-Type": "application/json", ...step.headers });
      return void response.end(JSON.stringify(step.body ?? {}));
    }
    const results = received.events.map((event, index) => this.#take(event, index));
    if (step === "take and cut") return void request.socket.destroy();
    response.writeHead(201, { "Content-Type": "application/json" }).end(JSON.stringify({ results }));
  }

  #take(event: Record<string, unknown>, index: number): unknown {
    const status = this.refuse(event);
    const id = event["event_id"] as string;
    if (status !== undefined) {
      return { index, status: "rejected", problem: { type: "about:blank", title: "no", status, detail: "refused" } };
    }
    const times = (this.taken.get(id) ?? 0) + 1;
    this.taken.set(id, times);
    return { index, event_id: id, status: times === 1 ? "created" : "duplicate" };
  }
}
