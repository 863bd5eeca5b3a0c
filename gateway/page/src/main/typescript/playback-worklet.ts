/**
 * Plays what it is given and tells what was heard.
 *
 * Takes {type: "push", item, samples} | {type: "finish"} | {type: "clear", request}. Posts
 * {type: "state", position, depth, underruns, level, playing} ten times a second and when playing
 * begins or ends, {type: "cleared", request, position}, {type: "full"}, and for the recording
 * {type: "heard", samples} for every 20 ms, silence included.
 */
import { level, PIECE, SAMPLE_RATE, toInt16 } from "./audio.js";
import { JitterBuffer } from "./jitter-buffer.js";

const PREBUFFER = (SAMPLE_RATE * 80) / 1000;
const CAPACITY = SAMPLE_RATE * 600;
const REPORT = SAMPLE_RATE / 10;

type Command =
  | { type: "push"; item: number; samples: Int16Array }
  | { type: "finish" }
  | { type: "clear"; request: number };

class Playback extends AudioWorkletProcessor {
  private readonly buffer = new JitterBuffer(PREBUFFER, CAPACITY);
  private readonly piece = new Float32Array(PIECE);
  private filled = 0;
  private sinceReport = 0;
  private loudness = 0;
  private playing = false;

  constructor() {
    super();
    this.port.onmessage = (message: MessageEvent<Command>) => {
      const command = message.data;
      if (command.type === "push") {
        if (!this.buffer.push(command.item, command.samples)) {
          this.port.postMessage({ type: "full" });
        }
      } else if (command.type === "finish") {
        this.buffer.finish();
      } else {
        const position = this.buffer.clear();
        this.port.postMessage({ type: "cleared", request: command.request, position });
      }
    };
  }

  process(_inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
    const output = outputs[0]?.[0];
    if (output === undefined) {
      return true;
    }
    this.buffer.read(output);
    for (const sample of output) {
      this.piece[this.filled++] = sample;
      if (this.filled === PIECE) {
        this.loudness = Math.max(this.loudness, level(this.piece));
        const samples = Int16Array.from(this.piece, toInt16);
        this.port.postMessage({ type: "heard", samples }, [samples.buffer]);
        this.filled = 0;
      }
    }
    this.sinceReport += output.length;
    const playing = this.buffer.playing();
    if (this.sinceReport >= REPORT || playing !== this.playing) {
      this.port.postMessage({
        type: "state",
        position: this.buffer.position(),
        depth: this.buffer.depth(),
        underruns: this.buffer.underruns(),
        level: this.loudness,
        playing,
      });
      this.sinceReport = 0;
      this.loudness = 0;
      this.playing = playing;
    }
    return true;
  }
}

registerProcessor("playback", Playback);
