/** What the page is asked to be; kept in the browser, the key only as long as the tab. */

export interface Settings {
  key: string;
  voice: string;
  instructions: string;
  tools: string;
  pushToTalk: boolean;
  record: boolean;
  /** Whether the browser takes echo and noise out of the microphone and evens its level. */
  cleanUp: boolean;
  microphone: string;
  loudspeaker: string;
}

const NAME = "antiphon.settings";
const KEY = "antiphon.key";

export const DEFAULTS: Settings = {
  key: "",
  voice: "",
  instructions: "",
  tools: "",
  pushToTalk: false,
  record: true,
  cleanUp: true,
  microphone: "",
  loudspeaker: "",
};

/** The settings, with the key of the address (#key=...), which is taken out of it. */
export function load(): Settings {
  const settings = { ...DEFAULTS };
  try {
    Object.assign(settings, JSON.parse(localStorage.getItem(NAME) ?? "{}"));
  } catch {
    localStorage.removeItem(NAME);
  }
  const fragment = new URLSearchParams(location.hash.slice(1));
  const key = fragment.get("key");
  if (key !== null) {
    sessionStorage.setItem(KEY, key);
    history.replaceState(null, "", location.pathname + location.search);
  }
  settings.key = sessionStorage.getItem(KEY) ?? "";
  return settings;
}

export function save(settings: Settings): void {
  const { key, ...rest } = settings;
  sessionStorage.setItem(KEY, key);
  localStorage.setItem(NAME, JSON.stringify(rest));
}

/** The tools as the Realtime API wants them; a text that says what is wrong. */
export function parseTools(text: string): readonly unknown[] | string {
  if (text.trim() === "") {
    return [];
  }
  let tools: unknown;
  try {
    tools = JSON.parse(text);
  } catch (error) {
    return `Tools are no JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
  if (!Array.isArray(tools)) {
    return "Tools: expected a list of functions, [ … ]";
  }
  for (const tool of tools as unknown[]) {
    const candidate = tool as { type?: unknown; name?: unknown };
    if (typeof tool !== "object" || tool === null || typeof candidate.name !== "string") {
      return 'Tools: each needs a "name"';
    }
  }
  return (tools as Record<string, unknown>[]).map((tool) => ({ type: "function", ...tool }));
}

/**
 * The session.update that says all of it.
 *
 * @param tools empty: the model keeps its own
 */
export function sessionUpdate(settings: Settings, tools: readonly unknown[]): Record<string, unknown> {
  const output: Record<string, unknown> = { format: { type: "audio/pcm", rate: 24000 } };
  if (settings.voice !== "") {
    output.voice = settings.voice;
  }
  const session: Record<string, unknown> = {
    type: "realtime",
    output_modalities: ["audio"],
    audio: {
      input: {
        format: { type: "audio/pcm", rate: 24000 },
        transcription: { model: "antiphon" },
        turn_detection: settings.pushToTalk
          ? null
          : { type: "server_vad", create_response: true, interrupt_response: true },
      },
      output,
    },
  };
  if (tools.length > 0) {
    session.tools = tools;
  }
  if (settings.instructions.trim() !== "") {
    session.instructions = settings.instructions;
  }
  return session;
}
