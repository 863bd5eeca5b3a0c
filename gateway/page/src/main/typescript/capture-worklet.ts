/** Takes the microphone and posts pieces of 20 ms: {samples: Int16Array, level}. */
import { level, PIECE, toInt16 } from "./audio.js";

class Capture extends AudioWorkletProcessor {
  private readonly piece = new Float32Array(PIECE);
  private filled = 0;

  process(inputs: Float32Array[][]): boolean {
    const input = inputs[0]?.[0];
    const length = input?.length ?? 128;
    for (let i = 0; i < length; i++) {
      this.piece[this.filled++] = input?.[i] ?? 0;
      if (this.filled === PIECE) {
        const samples = Int16Array.from(this.piece, toInt16);
        this.port.postMessage({ samples, level: level(this.piece) }, [samples.buffer]);
        this.filled = 0;
      }
    }
    return true;
  }
}

registerProcessor("capture", Capture);
