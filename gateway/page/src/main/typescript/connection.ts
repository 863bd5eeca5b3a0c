/** The way to the gateway: an OpenAI Realtime WebSocket that comes back by itself when it breaks. */
import type { ServerEvent } from "./conversation.js";

/** Where a caller stands who comes back. */
export interface Resume {
  readonly conversationId: string;
  readonly turn: number;
  readonly receivedMs: number;
  /** What lets another node go on when the one before is gone; empty where none can. */
  readonly takeover: string;
}

export interface ConnectionListener {
  connected(resumed: boolean): void;
  event(event: ServerEvent): void;
  /** The connection broke off; another is tried in so many milliseconds. */
  retrying(delayMs: number, attempt: number): void;
  /** There is no connection and none will be tried. */
  ended(reason: string, problem: boolean): void;
  sent(event: ClientEvent): void;
}

export type ClientEvent = { readonly type: string } & Record<string, unknown>;

const DELAYS = [100, 250, 500, 1000, 2000, 4000, 8000];

/** Bytes that may wait in the browser: two seconds of speech. Beyond that the network is too slow. */
const MAXIMUM_WAITING = 256 * 1024;

export class Connection {
  private socket: WebSocket | null = null;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private attempt = 0;
  private over = false;
  private dropped = 0;

  constructor(
    private readonly key: string,
    private readonly listener: ConnectionListener,
    private readonly position: () => Resume | null,
  ) {}

  open(): void {
    const resume = this.position();
    const url = new URL("/v1/realtime", location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    url.searchParams.set("model", "antiphon");
    if (resume !== null) {
      url.searchParams.set("antiphon_conversation", resume.conversationId);
      url.searchParams.set("antiphon_turn", String(resume.turn));
      url.searchParams.set("antiphon_received_ms", String(resume.receivedMs));
      if (resume.takeover !== "") {
        url.searchParams.set("antiphon_takeover", resume.takeover);
      }
    }
    const protocols = ["realtime"];
    if (this.key !== "") {
      protocols.push(`openai-insecure-api-key.${this.key}`);
    }
    let socket: WebSocket;
    try {
      socket = new WebSocket(url, protocols);
    } catch {
      this.finish("The key holds characters that no key has.", true);
      return;
    }
    this.socket = socket;
    let created = false;
    socket.onmessage = (message: MessageEvent<unknown>) => {
      if (typeof message.data !== "string") {
        return;
      }
      const event = JSON.parse(message.data) as ServerEvent;
      if (event.type === "session.created" && !created) {
        created = true;
        this.attempt = 0;
        const id = event.session?.antiphon?.conversation_id;
        this.listener.event(event);
        this.listener.connected(resume !== null && id === resume.conversationId);
        return;
      }
      this.listener.event(event);
    };
    socket.onclose = (event: CloseEvent) => {
      if (this.socket === socket) {
        this.socket = null;
        void this.closed(event, created);
      }
    };
  }

  /** Sends an event; false when there is no connection or too much waits for the network. */
  send(event: ClientEvent): boolean {
    const socket = this.socket;
    if (socket?.readyState !== WebSocket.OPEN) {
      return false;
    }
    if (event.type === "input_audio_buffer.append" && socket.bufferedAmount > MAXIMUM_WAITING) {
      this.dropped++;
      return false;
    }
    socket.send(JSON.stringify(event));
    this.listener.sent(event);
    return true;
  }

  /** Pieces of speech that the network was too slow for. */
  lost(): number {
    return this.dropped;
  }

  close(): void {
    if (this.over) {
      return;
    }
    this.finish("You ended the conversation.", false);
  }

  private async closed(event: CloseEvent, created: boolean): Promise<void> {
    if (this.over) {
      return;
    }
    if (event.code === 1000) {
      this.finish(event.reason === "" ? "The conversation is over." : event.reason, false);
      return;
    }
    if (event.code === 1013) {
      this.finish("Every place is taken just now. Try again in a minute.", true);
      return;
    }
    if (event.code === 1008) {
      this.finish(`The gateway refused: ${event.reason}`, true);
      return;
    }
    if (!created) {
      const problem = await this.diagnosis();
      if (problem !== null) {
        this.finish(problem, true);
        return;
      }
    }
    const delay = DELAYS[this.attempt++];
    if (delay === undefined) {
      this.finish("The connection is lost and could not be made again.", true);
      return;
    }
    this.listener.retrying(delay, this.attempt);
    this.timer = setTimeout(() => {
      this.open();
    }, delay);
  }

  /** A browser is not told why a handshake failed; an ordinary request is. Null: worth a retry. */
  private async diagnosis(): Promise<string | null> {
    try {
      const headers: Record<string, string> =
        this.key === "" ? {} : { Authorization: `Bearer ${this.key}` };
      const response = await fetch("/v1/models", { headers });
      if (response.status === 401) {
        return this.key === ""
          ? "The gateway asks for a key. Enter it under Settings."
          : "The gateway does not know this key. Check it under Settings.";
      }
      if (response.status === 403) {
        return "The gateway takes no connections from this page's address.";
      }
      if (response.status === 429 || response.status === 503) {
        return "Every place is taken just now. Try again in a minute.";
      }
      return null;
    } catch {
      return null;
    }
  }

  private finish(reason: string, problem: boolean): void {
    this.over = true;
    if (this.timer !== null) {
      clearTimeout(this.timer);
    }
    const socket = this.socket;
    this.socket = null;
    socket?.close(1000);
    this.listener.ended(reason, problem);
  }
}
