/** So much of a piece of speech was heard. */
export interface Position {
  /** Number of the piece, counted by whoever pushes. */
  readonly item: number;
  /** Samples that have left the loudspeaker. */
  readonly samples: number;
}

interface Part {
  readonly item: number;
  readonly samples: Int16Array;
}

/**
 * Holds speech that has come until it is played. Begins to play when enough is there to bridge the
 * network's unevenness, or when no more comes; counts what was really played.
 */
export class JitterBuffer {
  private parts: Part[] = [];
  private offset = 0;
  private waiting = 0;
  private running = false;
  private finished = true;
  private now: Position = { item: -1, samples: 0 };
  private dry = 0;

  /**
   * @param prebuffer samples that have to wait before anything is played
   * @param capacity samples that may wait
   */
  constructor(
    private readonly prebuffer: number,
    private readonly capacity: number,
  ) {}

  /** Takes the next samples; false when they do not fit. */
  push(item: number, samples: Int16Array): boolean {
    if (this.waiting + samples.length > this.capacity) {
      return false;
    }
    if (samples.length > 0) {
      this.parts.push({ item, samples });
      this.waiting += samples.length;
    }
    this.finished = false;
    return true;
  }

  /** No more comes for now: what waits is played to its end. */
  finish(): void {
    this.finished = true;
  }

  /** Throws away what has not been played. */
  clear(): Position {
    this.parts = [];
    this.offset = 0;
    this.waiting = 0;
    this.running = false;
    this.finished = true;
    return this.now;
  }

  /** Fills an output in [-1, 1]; silence where nothing is there. */
  read(output: Float32Array): void {
    output.fill(0);
    if (!this.running) {
      if (this.waiting === 0 || (this.waiting < this.prebuffer && !this.finished)) {
        return;
      }
      this.running = true;
    }
    let filled = 0;
    while (filled < output.length) {
      const part = this.parts[0];
      if (part === undefined) {
        this.running = false;
        if (!this.finished) {
          this.dry++;
        }
        break;
      }
      const length = Math.min(output.length - filled, part.samples.length - this.offset);
      for (let i = 0; i < length; i++) {
        output[filled + i] = (part.samples[this.offset + i] ?? 0) / 32768;
      }
      filled += length;
      this.offset += length;
      this.waiting -= length;
      this.now = {
        item: part.item,
        samples: (this.now.item === part.item ? this.now.samples : 0) + length,
      };
      if (this.offset === part.samples.length) {
        this.parts.shift();
        this.offset = 0;
      }
    }
  }

  position(): Position {
    return this.now;
  }

  /** Samples that wait. */
  depth(): number {
    return this.waiting;
  }

  /** Whether anything is being played or about to be. */
  playing(): boolean {
    return this.running || this.waiting > 0;
  }

  /** How often playback stopped because nothing was there in time. */
  underruns(): number {
    return this.dry;
  }
}
