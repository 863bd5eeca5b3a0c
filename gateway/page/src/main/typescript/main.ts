/** The page: joins microphone, loudspeaker, gateway and document. */
import { decode, encode, millis } from "./audio.js";
import { type ClientEvent, Connection, type Resume } from "./connection.js";
import { Conversation, type ServerEvent, type Snapshot } from "./conversation.js";
import { Recording } from "./recording.js";
import * as settingsOf from "./settings.js";
import { microphoneProblem, type PlaybackState, Sound } from "./sound.js";
import { element, seconds, type State, View } from "./view.js";

const SNAPSHOT = "antiphon.conversation";
const SNAPSHOT_EVERY_MS = 250;

interface Playing {
  readonly itemId: string;
  readonly responseId: string;
}

class Page {
  private readonly settings = settingsOf.load();
  private readonly view = new View((callId, output) => {
    this.sendToolResult(callId, output);
  });
  private conversation = new Conversation();
  private connection: Connection | null = null;
  private connected = false;
  private sound: Sound | null = null;
  private recording = new Recording();
  private playback: PlaybackState | null = null;
  private readonly playing: Playing[] = [];
  private microphoneOn = false;
  private muted = false;
  private holding = false;
  private speaking = false;
  private answering = false;
  private responsePending = false;
  private snapshotAt = 0;
  private drawing = false;
  private wakeLock: WakeLockSentinel | null = null;

  start(): void {
    this.bindControls();
    this.bindSettings();
    this.showSettings();
    void this.listDevices();
    navigator.mediaDevices?.addEventListener("devicechange", () => void this.listDevices());
    document.addEventListener("visibilitychange", () => void this.holdAwake());
    addEventListener("pagehide", () => {
      this.keep(true);
    });
    const kept = this.kept();
    if (kept !== null) {
      this.conversation = Conversation.restore(kept);
      this.draw();
      void this.begin(true);
    }
  }

  // ---- connecting

  private async begin(resuming: boolean): Promise<void> {
    this.view.showProblem("");
    this.view.showState("connecting");
    if (!resuming) {
      this.conversation = new Conversation();
      this.recording = new Recording();
      sessionStorage.removeItem(SNAPSHOT);
    }
    try {
      this.sound ??= await this.openSound();
      if (resuming && this.sound.suspended()) {
        // Not awaited: it holds until the page is touched.
        void this.sound.resume();
        this.view.showProblem("Touch the page to hear the answer again.");
        addEventListener(
          "pointerdown",
          () => {
            void this.sound?.resume();
            this.view.showProblem("");
          },
          { once: true },
        );
      } else {
        await this.sound.resume();
      }
    } catch (error) {
      this.view.showProblem(`This browser cannot play the answer: ${String(error)}`);
    }
    if (this.sound !== null) {
      try {
        await this.sound.microphone(this.settings.microphone, this.settings.cleanUp);
        if (this.settings.loudspeaker !== "") {
          await this.sound.loudspeaker(this.settings.loudspeaker);
        }
        this.microphoneOn = true;
      } catch (error) {
        this.microphoneOn = false;
        this.view.showProblem(microphoneProblem(error));
      }
    }
    this.connection = new Connection(
      this.settings.key,
      {
        connected: (resumed) => {
          this.whenConnected(resumed);
        },
        event: (event) => {
          this.take(event);
        },
        retrying: (delay, attempt) => {
          this.connected = false;
          this.view.logEvent("in", "closed", `connection lost; try ${attempt} in ${delay} ms`);
          this.refresh();
        },
        ended: (reason, problem) => {
          this.whenEnded(reason, problem);
        },
        sent: (event) => {
          this.logSent(event);
        },
      },
      () => this.position(),
    );
    this.connection.open();
    void this.listDevices();
    void this.holdAwake();
    this.refresh();
  }

  private openSound(): Promise<Sound> {
    return Sound.open({
      captured: (samples, level) => {
        const open = this.microphoneOpen();
        this.view.showLevel("meter-in", open ? level : 0);
        if (open) {
          this.connection?.send({ type: "input_audio_buffer.append", audio: encode(samples) });
        }
        if (this.connection !== null && this.settings.record) {
          this.recording.said(open ? samples : new Int16Array(samples.length));
        }
      },
      playback: (state) => {
        this.whenPlayed(state);
      },
      heard: (samples) => {
        if (this.connection !== null && this.settings.record) {
          this.recording.heard(samples);
        }
      },
      full: () => {
        this.view.showProblem("The answer is longer than this page can hold.");
      },
      microphoneEnded: () => {
        this.microphoneOn = false;
        this.view.showProblem("The microphone is gone. Choose another under Settings.");
        this.refresh();
      },
    });
  }

  private whenConnected(resumed: boolean): void {
    this.connected = true;
    this.view.showProblem(this.microphoneOn ? "" : element("problem-text", HTMLElement).textContent);
    const known = this.conversation.entries.length > 0;
    this.update();
    if (known && !resumed) {
      this.replayHistory();
    }
    this.refresh();
  }

  /** Another conversation took the place of the lost one: it is told what was said. */
  private replayHistory(): void {
    let previous = "root";
    for (const entry of this.conversation.entries) {
      const message =
        entry.kind === "caller" && entry.text !== ""
          ? { role: "user", content: [{ type: "input_text", text: entry.text }] }
          : entry.kind === "answer"
            ? {
                role: "assistant",
                content: [{ type: "output_text", text: entry.pieces.map((p) => p.text).join("") }],
              }
            : null;
      if (message !== null && entry.id !== "") {
        this.connection?.send({
          type: "conversation.item.create",
          previous_item_id: previous,
          item: { id: entry.id, type: "message", ...message },
        });
        previous = entry.id;
      }
    }
    this.conversation.notice("The connection was lost. The conversation goes on with what was said.");
  }

  private whenEnded(reason: string, problem: boolean): void {
    this.connection = null;
    this.connected = false;
    this.answering = false;
    this.speaking = false;
    this.holding = false;
    this.playing.length = 0;
    sessionStorage.removeItem(SNAPSHOT);
    void this.sound?.close();
    this.sound = null;
    this.playback = null;
    this.view.showLevel("meter-in", 0);
    this.view.showLevel("meter-out", 0);
    if (problem) {
      this.view.showProblem(reason);
    } else {
      this.conversation.notice(reason);
    }
    this.view.showState(problem ? "problem" : "idle");
    element("download", HTMLButtonElement).disabled = this.recording.empty();
    void this.holdAwake();
    this.refresh();
    this.draw();
  }

  private update(): void {
    const tools = settingsOf.parseTools(this.settings.tools);
    if (typeof tools !== "string") {
      this.connection?.send({
        type: "session.update",
        session: settingsOf.sessionUpdate(this.settings, tools),
      });
    }
  }

  // ---- events of the server

  private take(event: ServerEvent): void {
    const now = performance.now();
    this.logReceived(event);
    if (event.type === "response.output_audio.delta") {
      this.takeAudio(event, now);
      return;
    }
    this.conversation.apply(event, now);
    switch (event.type) {
      case "session.created":
        this.showVoices(event.session?.antiphon?.voices ?? []);
        break;
      case "input_audio_buffer.speech_started":
        this.speaking = true;
        void this.interrupt(false);
        break;
      case "input_audio_buffer.speech_stopped":
      case "input_audio_buffer.committed":
        this.speaking = false;
        this.responsePending = true;
        break;
      case "response.created":
        this.answering = true;
        this.responsePending = false;
        break;
      case "response.output_audio.done":
        this.sound?.finish();
        break;
      case "response.done":
        this.answering = false;
        this.responsePending = false;
        break;
      case "error":
        this.responsePending = false;
        break;
      default:
        break;
    }
    this.refresh();
    this.draw();
    this.keep(false);
  }

  private takeAudio(event: ServerEvent, now: number): void {
    const itemId = event.item_id ?? "";
    const responseId = event.response_id ?? "";
    const samples = decode(event.delta ?? "");
    let index = this.playing.findIndex((each) => each.itemId === itemId);
    if (index < 0) {
      index = this.playing.push({ itemId, responseId }) - 1;
    }
    this.conversation.received(itemId, responseId, millis(samples.length), now);
    this.sound?.play(index, samples);
    this.draw();
    this.keep(false);
  }

  private whenPlayed(state: PlaybackState): void {
    this.playback = state;
    const playing = this.playing[state.position.item];
    if (playing !== undefined) {
      const heardMs = millis(state.position.samples) - (this.sound?.outputLatencyMs() ?? 0);
      this.conversation.played(playing.itemId, Math.max(0, heardMs), performance.now());
    }
    this.view.showLevel("meter-out", state.level);
    this.view.showFigure("buffer", `${millis(state.depth)} ms`);
    this.view.showFigure("played", playing === undefined ? "–" : seconds(millis(state.position.samples)));
    this.view.showFigure("underruns", String(state.underruns));
    this.view.showFigure("lost", String(this.connection?.lost() ?? 0));
    this.refresh();
    this.draw();
    this.keep(false);
  }

  /** Silence at once; the gateway learns how much was heard. */
  private async interrupt(cancel: boolean): Promise<void> {
    if (cancel && this.answering) {
      this.connection?.send({ type: "response.cancel" });
    }
    if (this.playback?.playing !== true || this.sound === null) {
      return;
    }
    const position = await this.sound.clear();
    const cut = this.playing[position.item];
    if (cut !== undefined) {
      const heardMs = Math.max(0, millis(position.samples) - (this.sound?.outputLatencyMs() ?? 0));
      this.connection?.send({
        type: "conversation.item.truncate",
        item_id: cut.itemId,
        content_index: 0,
        audio_end_ms: this.conversation.cut(cut.itemId, heardMs),
      });
    }
    this.draw();
  }

  // ---- what the caller does

  private bindControls(): void {
    const start = element("start", HTMLButtonElement);
    start.addEventListener("click", () => {
      if (this.connection === null) {
        void this.begin(false);
      } else {
        this.connection.close();
      }
    });
    const hold = element("hold", HTMLButtonElement);
    hold.addEventListener("pointerdown", (event) => {
      hold.setPointerCapture(event.pointerId);
      this.press();
    });
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
      hold.addEventListener(end, () => {
        this.release();
      });
    }
    addEventListener("keydown", (event) => {
      if (event.code === "Space" && this.pushToTalk() && !typing(event.target)) {
        event.preventDefault();
        if (!event.repeat) {
          this.press();
        }
      }
    });
    addEventListener("keyup", (event) => {
      if (event.code === "Space" && this.pushToTalk() && !typing(event.target)) {
        event.preventDefault();
        this.release();
      }
    });
    element("mute", HTMLButtonElement).addEventListener("click", () => {
      this.muted = !this.muted;
      this.refresh();
    });
    element("stop-answer", HTMLButtonElement).addEventListener("click", () => {
      void this.interrupt(true);
    });
    element("problem-close", HTMLButtonElement).addEventListener("click", () => {
      this.view.showProblem("");
    });
    const panel = element("panel-toggle", HTMLButtonElement);
    panel.addEventListener("click", () => {
      const open = document.body.classList.toggle("panel-open");
      panel.setAttribute("aria-expanded", String(open));
      panel.textContent = open ? "Conversation" : "Details";
    });
    element("write", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      void this.write();
    });
    element("log-clear", HTMLButtonElement).addEventListener("click", () => {
      this.view.clearLog();
    });
    element("log-copy", HTMLButtonElement).addEventListener("click", () => {
      void navigator.clipboard.writeText(this.view.logText());
    });
    element("download", HTMLButtonElement).addEventListener("click", () => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(this.recording.file());
      link.download = `antiphon-${new Date().toISOString().slice(0, 19).replaceAll(":", "-")}.wav`;
      link.click();
      setTimeout(() => {
        URL.revokeObjectURL(link.href);
      }, 10_000);
    });
  }

  private press(): void {
    if (!this.connected || this.holding) {
      return;
    }
    void this.interrupt(true);
    this.connection?.send({ type: "input_audio_buffer.clear" });
    this.holding = true;
    this.refresh();
  }

  private release(): void {
    if (!this.holding) {
      return;
    }
    this.holding = false;
    this.connection?.send({ type: "input_audio_buffer.commit" });
    this.connection?.send({ type: "response.create" });
    this.responsePending = true;
    this.refresh();
  }

  private async write(): Promise<void> {
    const input = element("text", HTMLInputElement);
    const text = input.value.trim();
    if (text === "") {
      return;
    }
    if (this.connection === null) {
      await this.begin(false);
    }
    if (!this.connected) {
      this.view.showProblem("Not connected yet; your message is kept.");
      return;
    }
    await this.interrupt(true);
    this.connection?.send({
      type: "conversation.item.create",
      item: { type: "message", role: "user", content: [{ type: "input_text", text }] },
    });
    this.connection?.send({ type: "response.create" });
    this.conversation.turnEnded(performance.now());
    this.responsePending = true;
    input.value = "";
    this.refresh();
  }

  private sendToolResult(callId: string, output: string): void {
    this.conversation.toolResult(callId, output);
    this.connection?.send({
      type: "conversation.item.create",
      item: { type: "function_call_output", call_id: callId, output },
    });
    this.connection?.send({ type: "response.create" });
    this.responsePending = true;
    this.draw();
    this.refresh();
  }

  // ---- settings and devices

  private bindSettings(): void {
    const form = element("settings", HTMLFormElement);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.applySettings(new FormData(form));
    });
  }

  private async applySettings(form: FormData): Promise<void> {
    const text = (name: string): string => {
      const value = form.get(name);
      return typeof value === "string" ? value : "";
    };
    const tools = settingsOf.parseTools(text("tools"));
    const problem = element("tools-problem", HTMLElement);
    problem.hidden = typeof tools !== "string";
    problem.textContent = typeof tools === "string" ? tools : "";
    if (typeof tools === "string") {
      return;
    }
    const before = { ...this.settings };
    this.settings.voice = text("voice").trim();
    this.settings.instructions = text("instructions");
    this.settings.tools = text("tools");
    this.settings.key = text("key").trim();
    this.settings.microphone = text("microphone");
    this.settings.loudspeaker = text("loudspeaker");
    this.settings.pushToTalk = form.get("pushToTalk") !== null;
    this.settings.cleanUp = form.get("cleanUp") !== null;
    this.settings.record = form.get("record") !== null;
    settingsOf.save(this.settings);
    if (this.connected) {
      this.update();
    }
    try {
      if (
        this.sound !== null &&
        (before.microphone !== this.settings.microphone || before.cleanUp !== this.settings.cleanUp)
      ) {
        await this.sound.microphone(this.settings.microphone, this.settings.cleanUp);
        this.microphoneOn = true;
      }
      if (before.loudspeaker !== this.settings.loudspeaker) {
        await this.sound?.loudspeaker(this.settings.loudspeaker);
      }
    } catch (error) {
      this.microphoneOn = false;
      this.view.showProblem(microphoneProblem(error));
    }
    this.refresh();
  }

  private showSettings(): void {
    const form = element("settings", HTMLFormElement);
    for (const [name, value] of Object.entries(this.settings) as [string, string | boolean][]) {
      const field = form.elements.namedItem(name);
      if (field instanceof HTMLInputElement && typeof value === "boolean") {
        field.checked = value;
      } else if (
        (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) &&
        typeof value === "string"
      ) {
        field.value = value;
      }
    }
  }

  private showVoices(voices: readonly string[]): void {
    element("voices", HTMLDataListElement).replaceChildren(
      ...voices.map((voice) => {
        const option = document.createElement("option");
        option.value = voice;
        return option;
      }),
    );
  }

  private async listDevices(): Promise<void> {
    const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
    const form = element("settings", HTMLFormElement);
    for (const [name, kind, chosen] of [
      ["microphone", "audioinput", this.settings.microphone],
      ["loudspeaker", "audiooutput", this.settings.loudspeaker],
    ] as const) {
      const select = form.elements.namedItem(name);
      if (!(select instanceof HTMLSelectElement)) {
        continue;
      }
      const usual = select.options[0];
      select.replaceChildren(...(usual === undefined ? [] : [usual]));
      for (const device of devices) {
        if (device.kind === kind && device.deviceId !== "" && device.deviceId !== "default") {
          const option = document.createElement("option");
          option.value = device.deviceId;
          option.textContent = device.label === "" ? "Unnamed device" : device.label;
          option.selected = device.deviceId === chosen;
          select.append(option);
        }
      }
    }
  }

  // ---- showing

  private pushToTalk(): boolean {
    return this.connected && this.settings.pushToTalk;
  }

  private microphoneOpen(): boolean {
    return this.connected && this.microphoneOn && !this.muted && (!this.settings.pushToTalk || this.holding);
  }

  private stateNow(): State {
    if (this.connection === null) {
      return element("problem", HTMLElement).hidden ? "idle" : "problem";
    }
    if (!this.connected) {
      return "connecting";
    }
    if (this.speaking || this.holding) {
      return "hearing";
    }
    if (this.playback?.playing === true) {
      return "speaking";
    }
    return this.answering || this.responsePending ? "thinking" : "listening";
  }

  private refresh(): void {
    this.view.showState(this.stateNow());
    const live = this.connection !== null;
    const start = element("start", HTMLButtonElement);
    start.textContent = live ? "End" : "Start talking";
    start.classList.toggle("quiet", live);
    element("hold", HTMLButtonElement).hidden = !this.pushToTalk() || !this.microphoneOn;
    element("hold", HTMLButtonElement).setAttribute("aria-pressed", String(this.holding));
    const mute = element("mute", HTMLButtonElement);
    mute.hidden = !live || this.settings.pushToTalk || !this.microphoneOn;
    mute.textContent = this.muted ? "Unmute" : "Mute";
    mute.setAttribute("aria-pressed", String(this.muted));
    element("stop-answer", HTMLButtonElement).hidden =
      !live || !(this.answering || this.playback?.playing === true);
    element("download", HTMLButtonElement).disabled = this.recording.empty();
  }

  private draw(): void {
    if (this.drawing) {
      return;
    }
    this.drawing = true;
    requestAnimationFrame(() => {
      this.drawing = false;
      this.view.showEntries(this.conversation.entries);
      this.view.showWaterfalls(this.conversation.waterfalls);
    });
  }

  private logReceived(event: ServerEvent): void {
    const text =
      event.type === "response.output_audio.delta"
        ? `${event.type} (${event.delta?.length ?? 0} characters)`
        : JSON.stringify(event);
    this.view.logEvent("in", event.type, text.slice(0, 600));
  }

  private logSent(event: ClientEvent): void {
    if (event.type !== "input_audio_buffer.append") {
      this.view.logEvent("out", event.type, JSON.stringify(event).slice(0, 600));
    }
  }

  // ---- a reload goes on

  private position(): Resume | null {
    const { conversationId, turn, receivedMs, takeover } = this.conversation;
    // The loudspeaker's queue survives a lost connection, but not a reload: what was not heard then
    // is asked for again.
    this.conversation.resume();
    return conversationId === ""
      ? null
      : { conversationId, turn, receivedMs: Math.floor(receivedMs), takeover };
  }

  private keep(now: boolean): void {
    const time = performance.now();
    if (this.connection === null || (!now && time - this.snapshotAt < SNAPSHOT_EVERY_MS)) {
      return;
    }
    this.snapshotAt = time;
    const position = this.playback?.position;
    const playing = position === undefined ? undefined : this.playing[position.item];
    const snapshot = this.conversation.snapshot();
    const last = snapshot.entries.filter((entry) => entry.kind === "answer").at(-1);
    const heardMs =
      last?.kind === "answer" && playing?.itemId === last.id
        ? last.playedMs
        : last?.kind === "answer" && this.playback?.playing === true
          ? 0
          : snapshot.receivedMs;
    try {
      sessionStorage.setItem(SNAPSHOT, JSON.stringify({ ...snapshot, receivedMs: heardMs }));
    } catch {
      // The browser's store is full: the conversation goes on, only a reload begins anew.
      sessionStorage.removeItem(SNAPSHOT);
    }
  }

  private kept(): Snapshot | null {
    try {
      const text = sessionStorage.getItem(SNAPSHOT);
      return text === null ? null : (JSON.parse(text) as Snapshot);
    } catch {
      return null;
    }
  }

  private async holdAwake(): Promise<void> {
    try {
      if (this.connection !== null && document.visibilityState === "visible") {
        this.wakeLock ??= await navigator.wakeLock.request("screen");
        this.wakeLock.addEventListener("release", () => {
          this.wakeLock = null;
        });
      } else {
        await this.wakeLock?.release();
        this.wakeLock = null;
      }
    } catch {
      // A page without the right or the power for it just lets the screen go dark.
    }
  }
}

function typing(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLInputElement ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement ||
    (target instanceof HTMLButtonElement && target.id !== "hold") ||
    (target instanceof HTMLElement && target.tagName === "SUMMARY")
  );
}

new Page().start();
