/**
 * What was said, as the page shows it: made from the server's events and from what the loudspeaker
 * played. Knows neither the document nor the network, so that it can be kept over a reload.
 */

/** The server's events, as far as the page reads them. Everything is optional: it may be any. */
export interface ServerEvent {
  readonly type: string;
  readonly event_id?: string;
  readonly item_id?: string;
  readonly previous_item_id?: string | null;
  readonly response_id?: string;
  readonly call_id?: string;
  readonly name?: string;
  readonly arguments?: string;
  readonly delta?: string;
  readonly transcript?: string;
  readonly start_time?: number;
  readonly audio_start_ms?: number;
  readonly audio_end_ms?: number;
  readonly item?: ServerItem;
  readonly response?: ServerResponse;
  readonly session?: ServerSession;
  readonly error?: { readonly code?: string | null; readonly message?: string; readonly type?: string };
  readonly event?: string;
}

export interface ServerItem {
  readonly id?: string;
  readonly type?: string;
  readonly role?: string;
  readonly status?: string;
  readonly name?: string;
  readonly call_id?: string;
  readonly arguments?: string;
  readonly antiphon?: { readonly turn?: number };
  readonly content?: readonly { readonly type?: string; readonly text?: string; readonly transcript?: string | null }[];
}

export interface ServerResponse {
  readonly id?: string;
  readonly status?: string;
  readonly status_details?: {
    readonly reason?: string;
    readonly error?: { readonly code?: string; readonly message?: string };
  } | null;
  readonly antiphon?: {
    readonly turn?: number;
    readonly latencies_ms?: Readonly<Record<string, number>>;
  };
}

export interface ServerSession {
  readonly id?: string;
  readonly antiphon?: {
    readonly conversation_id?: string;
    readonly takeover?: string;
    readonly voices?: readonly string[];
  };
}

/** A piece of an answer's text and when it is spoken; null where that is not known. */
export interface Piece {
  readonly text: string;
  readonly startMs: number | null;
}

export interface CallerEntry {
  readonly kind: "caller";
  readonly id: string;
  text: string;
  state: "speaking" | "transcribing" | "done";
}

export interface AnswerEntry {
  readonly kind: "answer";
  readonly id: string;
  readonly responseId: string;
  /** Number of the answer in its conversation, -1 while it is not known. */
  turn: number;
  readonly pieces: Piece[];
  /** Milliseconds of speech that came over an earlier connection. */
  readonly baseMs: number;
  /** Milliseconds of speech that came. */
  audioMs: number;
  /** Milliseconds of speech that were heard. */
  playedMs: number;
  state: "running" | "done" | "cut" | "failed";
  problem: string;
  spoken: boolean;
}

export interface ToolEntry {
  readonly kind: "tool";
  readonly id: string;
  readonly callId: string;
  readonly name: string;
  arguments: string;
  output: string | null;
}

export interface NoticeEntry {
  readonly kind: "notice";
  readonly id: string;
  readonly text: string;
}

export type Entry = CallerEntry | AnswerEntry | ToolEntry | NoticeEntry;

/** A span of a turn's time, in milliseconds since the caller's turn ended. */
export interface Stage {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Waterfall {
  readonly responseId: string;
  readonly turn: number;
  stages: Stage[];
}

/** How much of an answer was heard, and what was generated but not heard. */
export interface Heard {
  readonly heard: string;
  readonly unheard: string;
}

/** What is kept over a reload. */
export interface Snapshot {
  readonly conversationId: string;
  readonly takeover: string;
  readonly turn: number;
  readonly receivedMs: number;
  readonly entries: readonly Entry[];
  readonly waterfalls: readonly Waterfall[];
}

const MAXIMUM_ENTRIES = 500;
const MAXIMUM_WATERFALLS = 20;

/** The dataflow's stages in the order in which they come, with the page's words for them. */
const STAGES: readonly (readonly [string, string])[] = [
  ["encoded", "Listening done"],
  ["prefilled", "Understood"],
  ["first_text", "First word"],
  ["first_speech_tokens", "First speech tokens"],
  ["first_audio", "First audio"],
];

export class Conversation {
  entries: Entry[] = [];
  waterfalls: Waterfall[] = [];
  conversationId = "";
  /** What lets another node of the gateway go on with the conversation; empty where none can. */
  takeover = "";
  /** The last answer of which anything came, and how much of its speech. */
  turn = -1;
  receivedMs = 0;
  /** When the caller's last turn ended, by the page's clock. */
  private turnEndedAt: number | null = null;
  private readonly firstAudioAt = new Map<string, number>();
  private readonly firstSoundAt = new Map<string, number>();
  private readonly turnEndOf = new Map<string, number>();
  private readonly turnOf = new Map<string, number>();
  /** Where the conversation was gone on with: the answer, and how much of it is not sent again. */
  private resumed = { turn: -1, ms: 0 };
  private notices = 0;

  /**
   * Takes an event.
   *
   * @param now milliseconds of the page's clock
   */
  apply(event: ServerEvent, now: number): void {
    switch (event.type) {
      case "session.created":
      case "session.updated":
        this.conversationId = event.session?.antiphon?.conversation_id ?? this.conversationId;
        this.takeover = event.session?.antiphon?.takeover ?? "";
        break;
      case "input_audio_buffer.speech_started":
        this.caller(event.item_id ?? "").state = "speaking";
        break;
      case "input_audio_buffer.speech_stopped":
        this.turnEndedAt = now;
        this.caller(event.item_id ?? "").state = "transcribing";
        break;
      case "input_audio_buffer.committed":
        this.turnEndedAt ??= now;
        this.caller(event.item_id ?? "").state = "transcribing";
        break;
      case "conversation.item.input_audio_transcription.delta":
        this.caller(event.item_id ?? "").text += event.delta ?? "";
        break;
      case "conversation.item.input_audio_transcription.completed": {
        const entry = this.caller(event.item_id ?? "");
        entry.text = event.transcript ?? entry.text;
        entry.state = "done";
        break;
      }
      case "conversation.item.input_audio_transcription.failed":
        this.caller(event.item_id ?? "").state = "done";
        break;
      case "conversation.item.added":
        this.added(event.item, now);
        break;
      case "response.created":
        this.named(event.response?.id ?? "", event.response?.antiphon?.turn);
        break;
      case "response.output_item.added":
        this.outputAdded(event, now);
        break;
      case "response.output_text.delta":
      case "response.output_audio_transcript.delta": {
        const entry = this.answer(event.item_id ?? "", event.response_id ?? "");
        entry.spoken = event.type === "response.output_audio_transcript.delta";
        entry.pieces.push({
          text: event.delta ?? "",
          startMs: event.start_time === undefined ? null : Math.round(event.start_time * 1000),
        });
        break;
      }
      case "response.function_call_arguments.done":
        this.tool(event.item_id ?? "", event.call_id ?? "", event.name ?? "").arguments =
          event.arguments ?? "";
        break;
      case "response.done":
        this.done(event.response ?? {});
        break;
      case "conversation.item.deleted":
        this.entries = this.entries.filter((entry) => entry.id !== event.item_id);
        break;
      case "error":
        if (event.error?.code === "conversation_lost") {
          this.forget();
        }
        this.notice(event.error?.message ?? "The server reports an error without a message.");
        break;
      default:
        break;
    }
    this.entries.splice(0, this.entries.length - MAXIMUM_ENTRIES);
  }

  /** So many milliseconds of an answer's speech have come. */
  received(itemId: string, responseId: string, ms: number, now: number): void {
    const entry = this.answer(itemId, responseId);
    entry.audioMs += ms;
    entry.spoken = true;
    this.receivedMs = entry.audioMs;
    if (!this.firstAudioAt.has(responseId)) {
      this.firstAudioAt.set(responseId, now);
    }
  }

  /** The loudspeaker has played so much of an answer. */
  played(itemId: string, ms: number, now: number): void {
    const entry = this.find(itemId);
    if (entry?.kind === "answer" && entry.baseMs + ms > entry.playedMs) {
      if (entry.playedMs === 0 && !this.firstSoundAt.has(entry.responseId)) {
        this.firstSoundAt.set(entry.responseId, now);
        this.addStage(entry.responseId, "Heard", this.firstAudioAt.get(entry.responseId), now);
      }
      entry.playedMs = entry.baseMs + ms;
    }
  }

  /**
   * An answer was cut off when so much of what came over this connection had been heard.
   *
   * @returns how much of the whole answer that is
   */
  cut(itemId: string, ms: number): number {
    const entry = this.find(itemId);
    if (entry?.kind !== "answer") {
      return ms;
    }
    entry.playedMs = entry.baseMs + ms;
    entry.state = "cut";
    return entry.playedMs;
  }

  /** Another connection goes on from here; the answer under way comes again under another name. */
  resume(): void {
    this.resumed = { turn: this.turn, ms: Math.floor(this.receivedMs) };
  }

  /** There is nothing to go on with: the next connection begins another conversation. */
  private forget(): void {
    this.conversationId = "";
    this.takeover = "";
    this.turn = -1;
    this.receivedMs = 0;
  }

  /** What a tool gave. */
  toolResult(callId: string, output: string): void {
    for (const entry of this.entries) {
      if (entry.kind === "tool" && entry.callId === callId) {
        entry.output = output;
      }
    }
  }

  /** The caller wrote instead of speaking, or pressed the button: the turn ends now. */
  turnEnded(now: number): void {
    this.turnEndedAt = now;
  }

  notice(text: string): void {
    this.entries.push({ kind: "notice", id: `notice-${this.notices++}-${this.entries.length}`, text });
  }

  /** Whether an answer is being made. */
  answering(): boolean {
    return this.entries.some((entry) => entry.kind === "answer" && entry.state === "running");
  }

  snapshot(): Snapshot {
    return {
      conversationId: this.conversationId,
      takeover: this.takeover,
      turn: this.turn,
      receivedMs: this.receivedMs,
      entries: this.entries,
      waterfalls: this.waterfalls,
    };
  }

  static restore(snapshot: Snapshot): Conversation {
    const conversation = new Conversation();
    conversation.conversationId = snapshot.conversationId;
    conversation.takeover = snapshot.takeover;
    conversation.turn = snapshot.turn;
    conversation.receivedMs = snapshot.receivedMs;
    conversation.entries = [...snapshot.entries];
    conversation.waterfalls = [...snapshot.waterfalls];
    return conversation;
  }

  private added(item: ServerItem | undefined, now: number): void {
    if (item?.id === undefined) {
      return;
    }
    if (item.type === "message" && item.role === "user") {
      const text = (item.content ?? []).map((part) => part.text ?? part.transcript ?? "").join("");
      const written = (item.content ?? []).some((part) => part.type === "input_text");
      const entry = this.caller(item.id);
      if (written) {
        entry.state = "done";
        this.turnEndedAt = now;
      }
      entry.text = text === "" ? entry.text : text;
    } else if (item.type === "function_call") {
      this.tool(item.id, item.call_id ?? "", item.name ?? "").arguments ||= item.arguments ?? "";
    }
  }

  private outputAdded(event: ServerEvent, now: number): void {
    const responseId = event.response_id ?? "";
    if (!this.turnEndOf.has(responseId)) {
      this.turnEndOf.set(responseId, this.turnEndedAt ?? now);
      this.turnEndedAt = null;
    }
    const item = event.item;
    this.named(responseId, item?.antiphon?.turn);
    if (item?.id === undefined) {
      return;
    }
    if (item.type === "function_call") {
      this.tool(item.id, item.call_id ?? "", item.name ?? "");
    } else {
      this.answer(item.id, responseId);
    }
  }

  private done(response: ServerResponse): void {
    const id = response.id ?? "";
    const turn = response.antiphon?.turn;
    this.named(id, turn);
    for (const entry of this.entries) {
      if (entry.kind !== "answer" || entry.responseId !== id) {
        continue;
      }
      if (response.status === "cancelled") {
        entry.state = "cut";
      } else if (response.status === "failed") {
        entry.state = "failed";
        entry.problem = response.status_details?.error?.message ?? "The answer failed.";
      } else if (entry.state === "running") {
        entry.state = "done";
      }
    }
    if (response.status === "failed" && !this.entries.some((e) => e.kind === "answer" && e.responseId === id)) {
      this.notice(response.status_details?.error?.message ?? "There was no answer.");
    }
    const latencies = response.antiphon?.latencies_ms;
    const stages: Stage[] = [];
    let from = 0;
    for (const [name, label] of STAGES) {
      const to = latencies?.[name];
      if (to !== undefined && to >= 0) {
        const toMs = Math.round(to);
        stages.push({ name: label, fromMs: Math.min(from, toMs), toMs });
        from = Math.max(from, toMs);
      }
    }
    this.waterfalls = this.waterfalls.filter((each) => turn === undefined || each.turn !== turn);
    this.waterfalls.push({ responseId: id, turn: turn ?? this.waterfalls.length, stages });
    this.waterfalls.splice(0, this.waterfalls.length - MAXIMUM_WATERFALLS);
    const arrived = this.firstAudioAt.get(id);
    if (arrived !== undefined) {
      this.addStage(id, "Arrived here", undefined, arrived);
      const sound = this.firstSoundAt.get(id);
      if (sound !== undefined) {
        this.addStage(id, "Heard", arrived, sound);
      }
    }
  }

  private addStage(responseId: string, name: string, from: number | undefined, to: number): void {
    const waterfall = this.waterfalls.find((each) => each.responseId === responseId);
    const end = this.turnEndOf.get(responseId);
    if (waterfall === undefined || end === undefined) {
      return;
    }
    const last = waterfall.stages.at(-1)?.toMs ?? 0;
    const toMs = Math.max(0, Math.round(to - end));
    const fromMs = from === undefined ? Math.min(last, toMs) : Math.max(0, Math.round(from - end));
    waterfall.stages = [
      ...waterfall.stages.filter((stage) => stage.name !== name),
      { name, fromMs, toMs },
    ];
  }

  private caller(id: string): CallerEntry {
    const known = this.find(id);
    if (known?.kind === "caller") {
      return known;
    }
    const entry: CallerEntry = { kind: "caller", id, text: "", state: "speaking" };
    this.entries.push(entry);
    return entry;
  }

  private answer(id: string, responseId: string): AnswerEntry {
    const known = this.find(id);
    if (known?.kind === "answer") {
      return known;
    }
    const turn = this.turnOf.get(responseId) ?? -1;
    const baseMs = turn >= 0 && turn === this.resumed.turn ? this.resumed.ms : 0;
    const entry: AnswerEntry = {
      kind: "answer",
      id,
      responseId,
      turn,
      pieces: [],
      baseMs,
      audioMs: baseMs,
      playedMs: baseMs,
      state: "running",
      problem: "",
      spoken: false,
    };
    // An answer that comes again takes its own place.
    const before = this.entries.findIndex(
      (each) => turn >= 0 && each.kind === "answer" && each.turn === turn,
    );
    this.entries.splice(before < 0 ? this.entries.length : before, before < 0 ? 0 : 1, entry);
    this.receivedMs = baseMs;
    return entry;
  }

  /** A response turns out to be the answer of this number. */
  private named(responseId: string, turn: number | undefined): void {
    if (turn === undefined) {
      return;
    }
    this.turn = turn;
    this.turnOf.set(responseId, turn);
    for (const entry of this.entries) {
      if (entry.kind === "answer" && entry.responseId === responseId) {
        entry.turn = turn;
      }
    }
  }

  private tool(id: string, callId: string, name: string): ToolEntry {
    const known = this.find(id);
    if (known?.kind === "tool") {
      return known;
    }
    const entry: ToolEntry = { kind: "tool", id, callId, name, arguments: "", output: null };
    this.entries.push(entry);
    return entry;
  }

  private find(id: string): Entry | undefined {
    return this.entries.find((entry) => entry.id === id);
  }
}

/** Splits an answer into what was heard and what was not; written answers are heard. */
export function heard(entry: AnswerEntry): Heard {
  const text = entry.pieces.map((piece) => piece.text).join("");
  if (!entry.spoken || entry.state !== "cut") {
    return { heard: text, unheard: "" };
  }
  let cut: number;
  if (entry.pieces.every((piece) => piece.startMs !== null)) {
    cut = 0;
    for (const piece of entry.pieces) {
      if ((piece.startMs ?? 0) >= entry.playedMs) {
        break;
      }
      cut += piece.text.length;
    }
  } else {
    // Where the times are not known, by share of the speech, at the end of a word.
    const share = entry.audioMs === 0 ? 0 : Math.min(1, entry.playedMs / entry.audioMs);
    cut = Math.floor(text.length * share);
    while (cut > 0 && cut < text.length && !/\s/.test(text.charAt(cut))) {
      cut--;
    }
  }
  return { heard: text.slice(0, cut), unheard: text.slice(cut) };
}
