import createClient, { type Client, type Middleware } from "openapi-fetch";

import type { components, operations, paths } from "./generated/schema.js";
import { ProblemError, problemOf } from "./problem.js";

export type AuditEvent = components["schemas"]["AuditEvent"];
export type AuditEventInput = components["schemas"]["AuditEventInput"];
export type EventFilters = Omit<NonNullable<operations["query_audit_events"]["parameters"]["query"]>, "cursor" | "offset">;

/** A token, or a function that fetches one; it is called again with `refresh` after a 401 or 403. */
export type Token = string | ((refresh: boolean) => string | Promise<string>);

export interface ClientOptions {
  /** Address of the service, such as `http://datastorage:8080`. */
  baseUrl: string;
  /** Sent as `Authorization: Bearer …`. */
  token?: Token;
  /** Milliseconds that a request may take; 5000 if absent. */
  timeoutMs?: number;
  /** In place of the global fetch. */
  fetch?: typeof globalThis.fetch;
}

/** The typed client: `client.GET("/api/v1/audit/events", { params: { query: { severity: "critical" } } })`. */
export type DataStorageClient = Client<paths>;

/**
 * Make a client of every operation in the contract. Answers of 4xx and 5xx are thrown as ProblemError.
 * Throws TypeError where baseUrl is no address.
 */
export function createDataStorageClient(options: ClientOptions): DataStorageClient {
  const client = createClient<paths>({ baseUrl: addressOf(options.baseUrl), fetch: fetchWith(options) });
  client.use(problemsAsErrors);
  return client;
}

/** Every event that passes the filters, page by page over the cursor, each once while others are stored. */
export async function* events(client: DataStorageClient, filters: EventFilters = {}): AsyncGenerator<AuditEvent> {
  let cursor: string | undefined;
  do {
    const query = { limit: 500, ...filters, ...(cursor === undefined ? {} : { cursor }) };
    const { data } = await client.GET("/api/v1/audit/events", { params: { query } });
    if (data === undefined || typeof data === "string") return; // a stream: only where Accept asks for one
    yield* data.data;
    cursor = data.pagination.next_cursor ?? undefined;
  } while (cursor !== undefined);
}

/** `baseUrl` without a slash at its end. Throws TypeError. */
export function addressOf(baseUrl: string): string {
  if (!/^https?:$/.test(new URL(baseUrl).protocol)) throw new TypeError(`baseUrl must be http or https, not ${baseUrl}`);
  return baseUrl.replace(/\/+$/, "");
}

/** A fetch with the token and the deadline of `options`; after 401 or 403 the token is refreshed and tried once more. */
export function fetchWith(options: Omit<ClientOptions, "baseUrl">): (request: Request) => Promise<Response> {
  const { token, timeoutMs = 5000, fetch = globalThis.fetch } = options;
  const send = async (request: Request, refresh: boolean): Promise<Response> => {
    const headers = new Headers(request.headers);
    if (token !== undefined) {
      headers.set("Authorization", `Bearer ${typeof token === "string" ? token : await token(refresh)}`);
    }
    const signal = AbortSignal.any([request.signal, AbortSignal.timeout(timeoutMs)]);
    return fetch(new Request(request, { headers, signal }));
  };
  return async (request) => {
    const again = typeof token === "function" ? request.clone() : undefined;
    const response = await send(request, false);
    if (again === undefined || (response.status !== 401 && response.status !== 403)) return response;
    await response.body?.cancel();
    return send(again, true);
  };
}

const problemsAsErrors: Middleware = {
  async onResponse({ request, response }) {
    if (response.ok || response.status === 304) return undefined;
    const text = await response.text();
    throw new ProblemError(response.status, problemOf(response.status, parsed(text), new URL(request.url).pathname));
  },
};

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
