import type { components } from "./generated/schema.js";

/** Problem details as the service sends them (RFC 9457). */
export type Problem = components["schemas"]["Problem"];

/** An answer of 4xx or 5xx. `problem.errors` lists every violation with a JSON Pointer. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";

  /** The last segment of the problem's type: `validation-error`, `conflict`, … */
  readonly slug: string;

  constructor(
    readonly status: number,
    readonly problem: Problem,
  ) {
    super(`${status} ${problem.title}: ${problem.detail}`);
    this.slug = problem.type.slice(problem.type.lastIndexOf("/") + 1);
  }
}

/** The problem in `body`, or one that says what else came: a proxy may answer in the service's place. */
export function problemOf(status: number, body: unknown, instance: string): Problem {
  if (typeof body === "object" && body !== null && "type" in body && "detail" in body) return body as Problem;
  const detail = typeof body === "string" && body !== "" ? body.slice(0, 200) : "the answer has no problem document";
  return { type: "about:blank", title: `HTTP ${status}`, status, detail, instance, request_id: "" };
}
