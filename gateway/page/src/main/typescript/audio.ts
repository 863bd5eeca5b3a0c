/** Samples between what the browser has (float) and what the wire has (16 bit, base64). */

/** Hertz of everything on the page: what the Realtime API calls audio/pcm. */
export const SAMPLE_RATE = 24000;

/** Samples of a piece of the caller's speech: 20 ms. */
export const PIECE = 480;

export function toInt16(sample: number): number {
  return Math.max(-32768, Math.min(32767, Math.round(sample * 32768)));
}

export function millis(samples: number): number {
  return Math.floor((samples * 1000) / SAMPLE_RATE);
}

/** Little-endian bytes of samples, as base64. */
export function encode(samples: Int16Array): string {
  const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  let text = "";
  for (let from = 0; from < bytes.length; from += 8192) {
    text += String.fromCharCode(...bytes.subarray(from, from + 8192));
  }
  return btoa(text);
}

/** Samples of base64; an odd last byte is not one. */
export function decode(base64: string): Int16Array<ArrayBuffer> {
  const text = atob(base64);
  const samples = new Int16Array(text.length >> 1);
  const bytes = new Uint8Array(samples.buffer);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = text.charCodeAt(i);
  }
  return samples;
}

/** Root mean square of samples in [-1, 1]. */
export function level(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) {
    sum += sample * sample;
  }
  return samples.length === 0 ? 0 : Math.sqrt(sum / samples.length);
}

/** A WAV file of two channels: the caller left, the answers right. */
export function wave(left: Int16Array[], right: Int16Array[]): Uint8Array<ArrayBuffer> {
  const length = Math.max(count(left), count(right));
  const file = new Uint8Array(44 + length * 4);
  const view = new DataView(file.buffer);
  const text = (at: number, word: string): void => {
    for (let i = 0; i < word.length; i++) {
      view.setUint8(at + i, word.charCodeAt(i));
    }
  };
  text(0, "RIFF");
  view.setUint32(4, 36 + length * 4, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 2, true);
  view.setUint32(24, SAMPLE_RATE, true);
  view.setUint32(28, SAMPLE_RATE * 4, true);
  view.setUint16(32, 4, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, length * 4, true);
  [left, right].forEach((pieces, channel) => {
    let at = 44 + channel * 2;
    for (const piece of pieces) {
      for (const sample of piece) {
        view.setInt16(at, sample, true);
        at += 4;
      }
    }
  });
  return file;
}

function count(pieces: Int16Array[]): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0);
}
