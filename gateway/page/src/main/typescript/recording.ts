/** Both sides of the conversation as they were said and heard, in this tab's memory only. */
import { SAMPLE_RATE, wave } from "./audio.js";

/** Samples of one side that are kept: 20 minutes, 115 MB for both. */
const MAXIMUM = SAMPLE_RATE * 60 * 20;

export class Recording {
  private readonly caller: Int16Array[] = [];
  private readonly answers: Int16Array[] = [];
  private callerSamples = 0;
  private answerSamples = 0;

  /** Both run on one clock; the page gives a piece of each side every 20 ms. */
  said(samples: Int16Array): void {
    if (this.callerSamples < MAXIMUM) {
      this.caller.push(samples);
      this.callerSamples += samples.length;
    }
  }

  heard(samples: Int16Array): void {
    if (this.answerSamples < MAXIMUM) {
      this.answers.push(samples);
      this.answerSamples += samples.length;
    }
  }

  empty(): boolean {
    return this.answerSamples === 0;
  }

  full(): boolean {
    return this.callerSamples >= MAXIMUM;
  }

  file(): Blob {
    return new Blob([wave(this.caller, this.answers)], { type: "audio/wav" });
  }
}
