/** Puts the conversation into the document. Text is only ever text, never markup. */
import {
  type AnswerEntry,
  type CallerEntry,
  type Entry,
  heard,
  type ToolEntry,
  type Waterfall,
} from "./conversation.js";

export type State =
  | "idle"
  | "connecting"
  | "listening"
  | "hearing"
  | "thinking"
  | "speaking"
  | "problem";

const STATES: Readonly<Record<State, string>> = {
  idle: "Not connected",
  connecting: "Connecting…",
  listening: "Listening",
  hearing: "You are speaking",
  thinking: "Thinking…",
  speaking: "Speaking",
  problem: "Not connected",
};

const MAXIMUM_LOG = 500;

export function element<T extends HTMLElement>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof type)) {
    throw new Error(`the page has no ${type.name} named ${id}`);
  }
  return found;
}

function make(name: string, className: string, text = ""): HTMLElement {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

export class View {
  private readonly entries = element("entries", HTMLOListElement);
  private readonly transcript = element("transcript", HTMLElement);
  private readonly nodes = new Map<string, { node: HTMLElement; shown: string }>();
  private readonly log = element("log", HTMLOListElement);
  private state: State = "idle";

  constructor(private readonly toolResult: (callId: string, output: string) => void) {}

  showState(state: State): void {
    if (this.state !== state) {
      this.state = state;
      element("state", HTMLElement).dataset.state = state;
      element("state-text", HTMLElement).textContent = STATES[state];
    }
  }

  showProblem(text: string): void {
    element("problem-text", HTMLElement).textContent = text;
    element("problem", HTMLElement).hidden = text === "";
  }

  showLevel(id: "meter-in" | "meter-out", level: number): void {
    // From -60 dB to 0 dB, as ears hear.
    const share = level <= 0 ? 0 : Math.max(0, Math.min(1, 1 + (20 * Math.log10(level)) / 60));
    const bar = element(id, HTMLElement);
    bar.style.transform = `scaleX(${share.toFixed(3)})`;
    bar.setAttribute("aria-valuenow", String(Math.round(share * 100)));
  }

  showFigure(name: "buffer" | "played" | "underruns" | "lost", text: string): void {
    element(`figure-${name}`, HTMLElement).textContent = text;
  }

  /** Draws what has changed and nothing else, so that a screen reader reads only that. */
  showEntries(all: readonly Entry[]): void {
    element("empty", HTMLElement).hidden = all.length > 0;
    const atEnd =
      this.transcript.scrollHeight - this.transcript.scrollTop - this.transcript.clientHeight < 80;
    const ids = new Set(all.map((entry) => entry.id));
    for (const [id, known] of this.nodes) {
      if (!ids.has(id)) {
        known.node.remove();
        this.nodes.delete(id);
      }
    }
    let before: Element | null = this.entries.firstElementChild;
    for (const entry of all) {
      const shown = JSON.stringify(entry);
      let known = this.nodes.get(entry.id);
      if (known === undefined) {
        known = { node: document.createElement("li"), shown: "" };
        known.node.className = entry.kind;
        this.nodes.set(entry.id, known);
      }
      if (known.shown !== shown) {
        this.draw(known.node, entry);
        known.shown = shown;
      }
      if (before === known.node) {
        before = before.nextElementSibling;
      } else {
        this.entries.insertBefore(known.node, before);
      }
    }
    if (atEnd) {
      this.transcript.scrollTop = this.transcript.scrollHeight;
    }
  }

  showWaterfalls(waterfalls: readonly Waterfall[]): void {
    const shown = waterfalls.filter((each) => each.stages.length > 0).slice(-6).reverse();
    if (shown.length === 0) {
      return;
    }
    const longest = Math.max(1, ...shown.flatMap((each) => each.stages.map((stage) => stage.toMs)));
    element("waterfalls", HTMLElement).replaceChildren(
      ...shown.map((each) => waterfall(each, longest)),
    );
  }

  logEvent(direction: "in" | "out", type: string, text: string): void {
    const time = new Date().toISOString().slice(11, 23);
    const arrow = direction === "out" ? "→" : "←";
    const line = make("li", type === "error" ? "error" : direction, `${time} ${arrow} ${text}`);
    this.log.append(line);
    while (this.log.childElementCount > MAXIMUM_LOG) {
      this.log.firstElementChild?.remove();
    }
    this.log.scrollTop = this.log.scrollHeight;
  }

  logText(): string {
    return [...this.log.children].map((line) => line.textContent).join("\n");
  }

  clearLog(): void {
    this.log.replaceChildren();
  }

  private draw(node: HTMLElement, entry: Entry): void {
    switch (entry.kind) {
      case "caller":
        drawCaller(node, entry);
        break;
      case "answer":
        drawAnswer(node, entry);
        break;
      case "tool":
        this.drawTool(node, entry);
        break;
      case "notice":
        node.textContent = entry.text;
        break;
    }
  }

  private drawTool(node: HTMLElement, entry: ToolEntry): void {
    const parts: HTMLElement[] = [
      make("span", "who", "Tool call"),
      make("strong", "", entry.name),
      make("pre", "", pretty(entry.arguments)),
    ];
    if (entry.output === null) {
      const form = document.createElement("form");
      const input = document.createElement("input");
      input.placeholder = "What the tool gives back";
      input.setAttribute("aria-label", `Result of ${entry.name}`);
      const button = make("button", "", "Send result");
      form.append(input, button);
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        this.toolResult(entry.callId, input.value);
      });
      parts.push(form);
    } else {
      parts.push(make("span", "note", "Result"), make("pre", "", pretty(entry.output)));
    }
    node.replaceChildren(...parts);
  }
}

function drawCaller(node: HTMLElement, entry: CallerEntry): void {
  const waiting =
    entry.state === "speaking" ? "speaking…" : entry.state === "transcribing" ? "…" : "(not understood)";
  node.replaceChildren(
    make("span", "who", "You"),
    entry.text === "" ? make("span", "waiting", waiting) : make("span", "", entry.text),
  );
}

function drawAnswer(node: HTMLElement, entry: AnswerEntry): void {
  const { heard: said, unheard } = heard(entry);
  const parts: HTMLElement[] = [make("span", "who", "Antiphon")];
  if (said !== "") {
    parts.push(make("span", "said", said));
  }
  if (unheard !== "") {
    const struck = make("s", "unheard", unheard);
    struck.setAttribute("aria-label", `not heard: ${unheard}`);
    parts.push(struck);
  }
  if (said === "" && unheard === "" && entry.state === "running") {
    parts.push(make("span", "waiting", "…"));
  }
  if (entry.state === "cut") {
    parts.push(
      make("span", "note", entry.spoken ? `interrupted after ${seconds(entry.playedMs)}` : "interrupted"),
    );
  }
  if (entry.state === "failed") {
    parts.push(make("span", "note bad", entry.problem));
  }
  node.replaceChildren(...parts);
}

function waterfall(each: Waterfall, longest: number): HTMLElement {
  const figure = make("div", "waterfall");
  const table = document.createElement("table");
  const caption = document.createElement("caption");
  const end = each.stages.at(-1);
  caption.textContent = `Answer ${each.turn + 1}: ${end?.name.toLowerCase() ?? ""} after ${end?.toMs ?? 0} ms`;
  table.append(caption);
  const body = document.createElement("tbody");
  for (const stage of each.stages) {
    const row = document.createElement("tr");
    const name = document.createElement("th");
    name.scope = "row";
    name.textContent = stage.name;
    const cell = document.createElement("td");
    const track = make("div", "track");
    const bar = document.createElement("span");
    bar.style.left = `${(stage.fromMs / longest) * 100}%`;
    bar.style.width = `${((stage.toMs - stage.fromMs) / longest) * 100}%`;
    track.append(bar);
    cell.append(track);
    const ms = document.createElement("td");
    ms.className = "ms";
    ms.textContent = `${stage.toMs} ms`;
    row.append(name, cell, ms);
    body.append(row);
  }
  table.append(body);
  figure.append(table);
  return figure;
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
