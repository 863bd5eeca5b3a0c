// npm @openai/agents-realtime: a session with a tool, interruption and history.
import { OpenAIRealtimeWebSocket, RealtimeAgent, RealtimeSession, tool } from "@openai/agents-realtime";
import { z } from "zod";
import { gateway, pieces, PATIENCE_MILLIS, question, Report } from "./common.mjs";

const report = new Report("npm agents-realtime");
setTimeout(() => {
  report.check("done within a minute", false);
  report.end();
}, PATIENCE_MILLIS).unref();

let asked = "";
const getBalance = tool({
  name: "get_balance",
  description: "The balance of an account.",
  parameters: z.object({ account: z.string() }),
  execute: async ({ account }) => {
    asked = account;
    return "eighty pounds";
  },
});
const agent = new RealtimeAgent({ name: "bank", instructions: "", tools: [getBalance] });
const transport = new OpenAIRealtimeWebSocket({ url: `${gateway.realtime.replace("http", "ws")}/v1/realtime?model=nano` });
const session = new RealtimeSession(agent, {
  transport,
  model: "nano",
  config: { audio: { input: { turnDetection: null } } },
});
let audio = 0;
let turns = 0;
session.on("error", (error) => report.check("no error event", false, JSON.stringify(error)));
session.on("audio", (event) => (audio += event.data.byteLength));

function speak(name) {
  for (const piece of pieces(question(name))) session.sendAudio(new Uint8Array(piece).buffer, {});
  session.sendAudio(new ArrayBuffer(0), { commit: true });
  transport.sendEvent({ type: "response.create" });
}

transport.on("turn_done", () => {
  turns++;
  const last = session.history.at(-1);
  const text = last?.content?.[0]?.transcript ?? last?.content?.[0]?.text ?? "";
  if (turns === 1) {
    report.check("answer", text === "The capital of Cuba is Havana.", `${text} ${JSON.stringify(session.history)}`);
    report.check("speech", audio > 24_000, audio);
    speak("balance");
  } else if (asked && text.includes("eighty pounds")) {
    report.check("tool", asked.includes("business"), asked);
    session.close();
    report.end();
  }
});

await session.connect({ apiKey: gateway.key });
speak("capital");
