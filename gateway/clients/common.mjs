// What the Node clients' scripts share.
import { readFileSync } from "node:fs";

export const gateway = JSON.parse(process.env.ANTIPHON_GATEWAY);
const samples = new URL(process.env.ANTIPHON_SAMPLES ?? "../../samples/", import.meta.url);
const HEADER = 44;

/** A recorded question (16 kHz) as 24 kHz 16-bit samples, by linear interpolation. */
export function question(name) {
  const file = readFileSync(new URL(`${name}.wav`, samples));
  const from = new Int16Array(file.buffer.slice(file.byteOffset + HEADER, file.byteOffset + file.length - ((file.length - HEADER) % 2)));
  const to = new Int16Array(Math.floor((from.length * 3) / 2));
  for (let i = 0; i < to.length; i++) {
    const at = (i * 2) / 3;
    const low = Math.floor(at);
    const high = Math.min(from.length - 1, low + 1);
    to[i] = Math.round(from[low] + (from[high] - from[low]) * (at - low));
  }
  return Buffer.from(to.buffer);
}

/** Pieces of 20 ms. */
export function pieces(audio) {
  const all = [];
  for (let at = 0; at < audio.length; at += 960) all.push(audio.subarray(at, at + 960));
  return all;
}

/** Counts checks; the exit code is 0 only if all held. */
export class Report {
  constructor(client) {
    this.client = client;
    this.failed = 0;
  }

  check(name, ok, detail = "") {
    if (!ok) this.failed++;
    console.log(JSON.stringify({ client: this.client, check: name, ok, detail: String(detail).slice(0, 300) }));
  }

  end() {
    process.exit(this.failed ? 1 : 0);
  }
}

export const PATIENCE_MILLIS = 60_000;
