import { closeSync, existsSync, openSync, readFileSync, renameSync, unlinkSync, writeFileSync, writeSync } from "node:fs";
import { crc32 } from "node:zlib";

import type { Spill, Waiting } from "./spill.js";

/**
 * A spill in one append-only file, for one process at a time.
 *
 * Each line is the CRC-32 of its JSON in hexadecimal, a space and the JSON: an event, or the ids that are settled. A line
 * that is torn or altered is left out. What is settled is removed whenever it is the larger part. The operating system has what was
 * appended when `store` returns: it survives the death of the process, and the death of the machine only from the moment
 * that the system writes it to disk.
 */
export class FileSpill implements Spill {
  readonly #path: string;
  readonly #maxBytes: number;
  readonly #waiting = new Map<string, { event: Waiting; bytes: number }>();
  #file: number;
  #bytes = 0;
  #waitingBytes = 0;

  /** maxBytes: how much may wait; 64 MiB if absent. Throws where the file is in use or cannot be written. */
  constructor(path: string, options: { maxBytes?: number } = {}) {
    this.#path = path;
    this.#maxBytes = options.maxBytes ?? 64 * 1024 * 1024;
    lock(path);
    for (const line of existsSync(path) ? readFileSync(path, "utf8").split("\n") : []) this.#read(line);
    this.#file = this.#rewritten();
  }

  pending(): Waiting[] {
    return [...this.#waiting.values()].map(({ event }) => event);
  }

  append(event: Waiting): void {
    const line = Buffer.from(lineOf(event.text));
    if (this.#waitingBytes + line.length > this.#maxBytes) {
      throw new RangeError(`${this.#path} is full: ${this.#maxBytes} bytes wait in it`);
    }
    this.#write(line);
    this.#take(event, line.length);
  }

  settle(ids: readonly string[]): void {
    for (const id of ids) this.#drop(id);
    if (this.#waiting.size > 0 && this.#bytes < 2 * this.#waitingBytes + 65536) {
      this.#write(Buffer.from(lineOf(JSON.stringify({ settled: ids }))));
      return;
    }
    closeSync(this.#file);
    this.#file = this.#rewritten();
  }

  close(): void {
    closeSync(this.#file);
    unlock(this.#path);
  }

  /** The file anew, with nothing but what waits; opened. */
  #rewritten(): number {
    const content = Buffer.from(this.pending().map(({ text }) => lineOf(text)).join(""));
    writeFileSync(`${this.#path}.new`, content, { mode: 0o600 });
    renameSync(`${this.#path}.new`, this.#path);
    this.#bytes = content.length;
    return openSync(this.#path, "a", 0o600);
  }

  #write(line: Buffer): void {
    for (let sent = 0; sent < line.length; ) sent += writeSync(this.#file, line, sent);
    this.#bytes += line.length;
  }

  #read(line: string): void {
    const text = line.slice(9);
    if (line.slice(0, 8) !== sumOf(text)) return;
    const entry = JSON.parse(text) as { event_id: string } | { settled: string[] };
    if (!("event_id" in entry)) for (const id of entry.settled) this.#drop(id);
    else this.#take({ event_id: entry.event_id, text }, Buffer.byteLength(line) + 1);
  }

  #take(event: Waiting, bytes: number): void {
    this.#waiting.set(event.event_id, { event, bytes });
    this.#waitingBytes += bytes;
  }

  #drop(id: string): void {
    this.#waitingBytes -= this.#waiting.get(id)?.bytes ?? 0;
    this.#waiting.delete(id);
  }
}

const sumOf = (text: string): string => crc32(text).toString(16).padStart(8, "0");

function lineOf(text: string): string {
  return `${sumOf(text)} ${text}\n`;
}

const mine = new Set<string>();

/** Take the file for this process, also where its last owner was killed. A container's processes may have one pid. */
function lock(path: string): void {
  const file = `${path}.lock`;
  const owner = existsSync(file) ? Number(readFileSync(file, "utf8")) : 0;
  if (mine.has(path) || (owner !== 0 && owner !== process.pid && alive(owner))) {
    throw new Error(`${path} is used by process ${owner}; if that is another program, delete ${file}`);
  }
  writeFileSync(file, String(process.pid), { mode: 0o600 });
  mine.add(path);
}

function unlock(path: string): void {
  unlinkSync(`${path}.lock`);
  mine.delete(path);
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
