export {
  type AuditEvent,
  type AuditEventInput,
  type ClientOptions,
  createDataStorageClient,
  type DataStorageClient,
  type EventFilters,
  events,
  type Token,
} from "./client.js";
export {
  type BufferedAuditStoreOptions,
  BufferedAuditStore,
  BufferFullError,
  type Event,
  type Metrics,
  type Rejection,
} from "./buffered.js";
export type { components, operations, paths } from "./generated/schema.js";
export { type Problem, ProblemError } from "./problem.js";
export type { Spill, Waiting } from "./spill.js";
