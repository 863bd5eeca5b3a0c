/** Microphone and loudspeaker in one audio context, so that both share one clock. */
import { millis, SAMPLE_RATE } from "./audio.js";
import type { Position } from "./jitter-buffer.js";

export interface PlaybackState {
  readonly position: Position;
  readonly depth: number;
  readonly underruns: number;
  readonly level: number;
  readonly playing: boolean;
}

export interface SoundListener {
  captured(samples: Int16Array<ArrayBuffer>, level: number): void;
  playback(state: PlaybackState): void;
  heard(samples: Int16Array<ArrayBuffer>): void;
  full(): void;
  microphoneEnded(): void;
}

type PlaybackMessage =
  | ({ readonly type: "state" } & PlaybackState)
  | { readonly type: "cleared"; readonly request: number; readonly position: Position }
  | { readonly type: "heard"; readonly samples: Int16Array<ArrayBuffer> }
  | { readonly type: "full" };

export class Sound {
  private stream: MediaStream | null = null;
  private source: MediaStreamAudioSourceNode | null = null;
  private requests = 0;
  private readonly cleared = new Map<number, (position: Position) => void>();

  private constructor(
    private readonly context: AudioContext,
    private readonly capture: AudioWorkletNode,
    private readonly playbackNode: AudioWorkletNode,
    private readonly listener: SoundListener,
  ) {
    capture.port.onmessage = (
      message: MessageEvent<{ samples: Int16Array<ArrayBuffer>; level: number }>,
    ) => {
      listener.captured(message.data.samples, message.data.level);
    };
    playbackNode.port.onmessage = (message: MessageEvent<PlaybackMessage>) => {
      const data = message.data;
      if (data.type === "state") {
        listener.playback(data);
      } else if (data.type === "heard") {
        listener.heard(data.samples);
      } else if (data.type === "full") {
        listener.full();
      } else {
        this.cleared.get(data.request)?.(data.position);
        this.cleared.delete(data.request);
      }
    };
  }

  /** To be called in a click: browsers let no page sound by itself. */
  static async open(listener: SoundListener): Promise<Sound> {
    const context = new AudioContext({ sampleRate: SAMPLE_RATE, latencyHint: "interactive" });
    await context.audioWorklet.addModule(new URL("./capture-worklet.js", import.meta.url));
    await context.audioWorklet.addModule(new URL("./playback-worklet.js", import.meta.url));
    const capture = new AudioWorkletNode(context, "capture", {
      numberOfOutputs: 0,
      channelCount: 1,
      channelCountMode: "explicit",
    });
    const playback = new AudioWorkletNode(context, "playback", {
      numberOfInputs: 0,
      outputChannelCount: [1],
    });
    playback.connect(context.destination);
    return new Sound(context, capture, playback, listener);
  }

  /** Whether the browser still waits for a touch before it sounds. */
  suspended(): boolean {
    return this.context.state === "suspended";
  }

  async resume(): Promise<void> {
    await this.context.resume();
  }

  /** Takes a microphone, the usual one where no device is named. */
  async microphone(deviceId: string, cleanUp: boolean): Promise<void> {
    this.stopMicrophone();
    const audio: MediaTrackConstraints = {
      echoCancellation: cleanUp,
      noiseSuppression: cleanUp,
      autoGainControl: cleanUp,
    };
    if (deviceId !== "") {
      audio.deviceId = { exact: deviceId };
    }
    const stream = await navigator.mediaDevices.getUserMedia({ audio });
    this.stream = stream;
    this.source = this.context.createMediaStreamSource(stream);
    this.source.connect(this.capture);
    const track = stream.getAudioTracks()[0];
    track?.addEventListener("ended", () => {
      if (this.stream === stream) {
        this.listener.microphoneEnded();
      }
    });
  }

  /** Takes a loudspeaker, where the browser lets a page choose. */
  async loudspeaker(deviceId: string): Promise<void> {
    const context = this.context as AudioContext & { setSinkId?: (id: string) => Promise<void> };
    await context.setSinkId?.(deviceId);
  }

  play(item: number, samples: Int16Array): void {
    this.playbackNode.port.postMessage({ type: "push", item, samples });
  }

  /** No more comes for now. */
  finish(): void {
    this.playbackNode.port.postMessage({ type: "finish" });
  }

  /** Silence at once; tells what had been heard. */
  clear(): Promise<Position> {
    const request = this.requests++;
    return new Promise((resolve) => {
      this.cleared.set(request, resolve);
      this.playbackNode.port.postMessage({ type: "clear", request });
    });
  }

  /** Milliseconds between the context's clock and the ear. */
  outputLatencyMs(): number {
    return Math.round((this.context.outputLatency || this.context.baseLatency || 0) * 1000);
  }

  async close(): Promise<void> {
    this.stopMicrophone();
    await this.context.close();
  }

  private stopMicrophone(): void {
    this.source?.disconnect();
    this.stream?.getTracks().forEach((track) => {
      track.stop();
    });
    this.stream = null;
    this.source = null;
  }
}

/** Why there is no microphone, in words that help. */
export function microphoneProblem(error: unknown): string {
  const name = error instanceof DOMException ? error.name : "";
  switch (name) {
    case "NotAllowedError":
      return "The browser may not use the microphone. Allow it beside the address, or write instead.";
    case "NotFoundError":
    case "OverconstrainedError":
      return "There is no such microphone. Choose another under Settings, or write instead.";
    case "NotReadableError":
      return "Another program holds the microphone. Close it, or write instead.";
    default:
      return navigator.mediaDevices === undefined
        ? "Microphones need https or localhost. You can write instead."
        : `The microphone does not work (${name === "" ? String(error) : name}). You can write instead.`;
  }
}

export { millis };
