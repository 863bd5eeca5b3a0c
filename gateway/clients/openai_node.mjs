// npm openai: always over TLS (NODE_EXTRA_CA_CERTS names the certificate).
import OpenAI from "openai";
import { OpenAIRealtimeWS } from "openai/realtime/ws";
import { gateway, pieces, PATIENCE_MILLIS, question, Report } from "./common.mjs";

const report = new Report("npm openai");
const client = new OpenAI({ apiKey: gateway.key, baseURL: `${gateway.tls}/v1` });
const realtime = new OpenAIRealtimeWS({ model: "nano" }, client);
const timeout = setTimeout(() => {
  report.check("an answer within a minute", false);
  report.end();
}, PATIENCE_MILLIS);

let audio = 0;
realtime.on("error", (error) => report.check("no error event", false, error.message));
realtime.on("response.output_audio.delta", (event) => (audio += Buffer.from(event.delta, "base64").length));
realtime.on("session.created", () => {
  realtime.send({ type: "session.update", session: { type: "realtime", audio: { input: { turn_detection: null } } } });
  for (const piece of pieces(question("capital"))) {
    realtime.send({ type: "input_audio_buffer.append", audio: piece.toString("base64") });
  }
  realtime.send({ type: "input_audio_buffer.commit" });
  realtime.send({ type: "response.create" });
});
realtime.on("response.done", (event) => {
  const text = event.response.output?.[0]?.content?.[0]?.transcript;
  report.check("answer", text === "The capital of Cuba is Havana.", text);
  report.check("speech", audio > 24_000, audio);
  clearTimeout(timeout);
  realtime.close();
  report.end();
});
