/** Print the size of what a browser loads, minified and tree-shaken, plain and with gzip. */
import { gzipSync } from "node:zlib";

import { build } from "esbuild";

for (const [name, contents] of [
  ["createDataStorageClient", 'export { createDataStorageClient } from "./src/index.js"'],
  ["BufferedAuditStore", 'export { BufferedAuditStore } from "./src/index.js"'],
  ["everything", 'export * from "./src/index.js"'],
]) {
  const stdin = { contents, resolveDir: process.cwd(), loader: "ts" };
  const options = { bundle: true, minify: true, format: "esm", platform: "browser", target: "es2022", write: false };
  const [file] = (await build({ stdin, ...options })).outputFiles;
  console.log(`${name}: ${file.contents.length} bytes, ${gzipSync(file.contents).length} with gzip`);
}
