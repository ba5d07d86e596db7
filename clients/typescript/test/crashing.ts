/** Stores events until it is killed, and prints the id of each after `store` returned. */
import { writeSync } from "node:fs";

import { BufferedAuditStore } from "../src/index.js";
import { FileSpill } from "../src/node.js";

const [baseUrl, path] = process.argv.slice(2) as [string, string];
const options = { capacity: 100_000, batchSize: 20, flushIntervalMs: 5, retryMs: 1, retryMaxMs: 5 };
const store = new BufferedAuditStore({ baseUrl, spill: new FileSpill(path), ...options });
for (let n = 0; ; n += 1) {
  const id = store.store({
    version: "1.0",
    event_type: "custom.thing.happened",
    event_timestamp: new Date().toISOString(),
    event_category: "gateway",
    event_action: "happened",
    event_outcome: "success",
    correlation_id: "rr-1",
    event_data: { n },
  });
  writeSync(1, `${id}\n`);
  await new Promise((resolve) => setTimeout(resolve, 1));
}
