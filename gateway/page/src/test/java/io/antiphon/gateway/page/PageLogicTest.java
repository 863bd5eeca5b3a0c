package io.antiphon.gateway.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.io.IOAccess;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The compiled page's own logic, without a browser: what needs none of one. */
@Tag("slow")
class PageLogicTest {
  private static final String PAGE =
      """
      import * as audio from "./audio.js";
      import * as conversation from "./conversation.js";
      import * as buffer from "./jitter-buffer.js";
      import * as settings from "./settings.js";
      globalThis.page = {...audio, ...conversation, ...buffer, ...settings};
      """;

  private static final Path COMPILED = Path.of("target/classes/io/antiphon/gateway/page/files");

  private static Context context;

  @BeforeAll
  static void load() throws IOException {
    context =
        Context.newBuilder("js")
            .option("engine.WarnInterpreterOnly", "false")
            .allowHostAccess(HostAccess.EXPLICIT)
            .currentWorkingDirectory(COMPILED.toAbsolutePath())
            .allowIO(IOAccess.newBuilder().allowHostFileAccess(true).build())
            .build();
    context.getBindings("js").putMember("host", new Browser());
    context.eval(
        "js", "globalThis.btoa = (t) => host.btoa(t); globalThis.atob = (t) => host.atob(t)");
    context.eval(
        Source.newBuilder("js", PAGE, "page.mjs")
            .mimeType("application/javascript+module")
            .build());
  }

  @AfterAll
  static void close() {
    context.close();
  }

  @Test
  void samplesSurviveTheWire() {
    assertThat(run("page.encode(Int16Array.of(0, 1, -1, 32767, -32768))"))
        .isEqualTo("AAABAP///38AgA==");
    assertThat(run("Array.from(page.decode('AAABAP///38AgA==')).join()"))
        .isEqualTo("0,1,-1,32767,-32768");
    assertThat(run("Array.from(page.decode('AAAB')).join()")).isEqualTo("0");
    assertThat(run("[-2, -1, 0, 0.5, 1, 2].map(page.toInt16).join()"))
        .isEqualTo("-32768,-32768,0,16384,32767,32767");
  }

  @Test
  void aRecordingIsAWaveFileOfBothSides() {
    assertThat(
            run(
                """
                const file = page.wave([Int16Array.of(1, 2)], [Int16Array.of(3), Int16Array.of(4, 5)]);
                return String.fromCharCode(...file.subarray(0, 4)) + file.length
                    + Array.from(new Int16Array(file.buffer, 44)).join()"""))
        .isEqualTo("RIFF561,3,2,4,0,5");
  }

  @Test
  void howeverSpeechIsCutTheSameIsPlayed() {
    Random random = new Random(5);
    String whole = played("[1000]", 16);
    for (int round = 0; round < 20; round++) {
      String cuts =
          IntStream.generate(() -> 1 + random.nextInt(150))
              .limit(100)
              .mapToObj(String::valueOf)
              .collect(Collectors.joining(",", "[", "]"));
      assertThat(played(cuts, 16)).isEqualTo(whole);
    }
  }

  @Test
  void playbackWaitsForEnoughAndThenRuns() {
    assertThat(
            run(
                """
                const b = new page.JitterBuffer(100, 1000);
                const out = new Float32Array(50);
                const say = (n) => b.push(0, new Int16Array(n).fill(16384));
                const seen = [];
                const read = () => { b.read(out); seen.push(out.filter((s) => s === 0.5).length); };
                say(60); read(); say(60); read(); read(); read(); say(20); read(); b.finish(); read();
                return seen.join() + ' dry ' + b.underruns() + ' at ' + b.position().samples"""))
        .isEqualTo("0,50,50,20,0,20 dry 1 at 140");
  }

  @Test
  void aClearSaysWhatWasHeardAndPlaysNoMore() {
    assertThat(
            run(
                """
                const b = new page.JitterBuffer(0, 1000);
                const out = new Float32Array(50);
                b.push(0, new Int16Array(60)); b.push(1, new Int16Array(100).fill(9));
                b.read(out); b.read(out);
                const at = b.clear();
                b.read(out);
                return [at.item, at.samples, b.depth(), b.playing(), out.every((s) => s === 0)].join()"""))
        .isEqualTo("1,40,0,false,true");
  }

  @Test
  void whatDoesNotFitIsRefused() {
    assertThat(
            run(
                "const b = new page.JitterBuffer(0, 100);"
                    + "return [b.push(0, new Int16Array(100)), b.push(0, new Int16Array(1))].join()"))
        .isEqualTo("true,false");
  }

  @Test
  void aTurnIsShownWithBothSidesAndItsLatencies() {
    assertThat(
            run(
                TURN
                    + """
                    done('completed');
                    c.played('a', 20, 1250);
                    const [caller, answer] = c.entries;
                    return [caller.text, caller.state, page.heard(answer).heard, page.heard(answer).unheard,
                     answer.state, c.turn, c.conversationId,
                     c.waterfalls[0].stages.map((s) => `${s.name} ${s.fromMs}-${s.toMs}`).join('; ')].join('|')"""))
        .isEqualTo(
            "What is it?|done|one two three four||done|3|conv|Listening done 0-30; Understood 30-50;"
                + " First word 50-80; First audio 80-150; Arrived here 150-200; Heard 200-250");
  }

  @Test
  void whatWasGeneratedButNotHeardIsStruckOut() {
    assertThat(
            run(
                TURN
                    + """
                    c.played('a', 450, 1700); c.cut('a', 450); done('cancelled');
                    const h = page.heard(c.entries[1]);
                    return [h.heard, h.unheard, c.entries[1].state].join('|')"""))
        .isEqualTo("one two| three four|cut");
  }

  @Test
  void withoutTimesTheShareOfTheSpeechDecides() {
    assertThat(
            run(
                TURN.replaceAll("start_time: [0-9.]+", "start_time: undefined")
                    + """
                    c.cut('a', 500);
                    const h = page.heard(c.entries[1]);
                    return [h.heard, h.unheard].join('|')"""))
        .isEqualTo("one two| three four");
  }

  @Test
  void aWrittenAnswerIsNeverStruckOut() {
    assertThat(
            run(
                """
                const c = new page.Conversation();
                c.apply({type: 'response.output_text.delta', item_id: 'a', response_id: 'r', delta: 'yes'}, 0);
                c.apply({type: 'response.done', response: {id: 'r', status: 'cancelled'}}, 0);
                return JSON.stringify(page.heard(c.entries[0]))"""))
        .isEqualTo("{\"heard\":\"yes\",\"unheard\":\"\"}");
  }

  @Test
  void aToolCallBecomesACardAndTakesItsResult() {
    assertThat(
            run(
                """
                const c = new page.Conversation();
                const item = {id: 'f', type: 'function_call', name: 'get_balance', call_id: 'c1', arguments: ''};
                c.apply({type: 'response.output_item.added', response_id: 'r', item}, 0);
                c.apply({type: 'conversation.item.added', item}, 0);
                c.apply({type: 'response.function_call_arguments.done', item_id: 'f', call_id: 'c1',
                         name: 'get_balance', arguments: '{"a":1}'}, 0);
                c.toolResult('c1', '12 euros');
                return JSON.stringify(c.entries)"""))
        .isEqualTo(
            "[{\"kind\":\"tool\",\"id\":\"f\",\"callId\":\"c1\",\"name\":\"get_balance\","
                + "\"arguments\":\"{\\\"a\\\":1}\",\"output\":\"12 euros\"}]");
  }

  @Test
  void aReloadGoesOnWithTheSame() {
    assertThat(
            run(
                TURN
                    + """
                    const kept = JSON.stringify(c.snapshot());
                    const again = page.Conversation.restore(JSON.parse(kept));
                    return String(JSON.stringify(again.snapshot()) === kept && again.receivedMs === 1000)"""))
        .isEqualTo("true");
  }

  @Test
  void anAnswerThatComesAgainTakesItsOwnPlace() {
    assertThat(
            run(
                TURN
                    + """
                    done('completed'); c.played('a', 400, 1300); c.receivedMs = 400; c.resume();
                    c.notice('later');
                    c.apply({type: 'response.created', response: {id: 'r2', antiphon: {turn: 3}}}, 2000);
                    c.apply({type: 'response.output_item.added', response_id: 'r2',
                             item: {id: 'a2', type: 'message'}}, 2000);
                    c.apply({type: 'response.output_audio_transcript.delta', response_id: 'r2',
                             item_id: 'a2', delta: 'one two', start_time: 0}, 2000);
                    c.received('a2', 'r2', 600, 2000); c.played('a2', 100, 2100);
                    const answer = c.entries[1];
                    return [c.entries.length, answer.id, answer.playedMs, answer.audioMs,
                            c.cut('a2', 150)].join()"""))
        .isEqualTo("3,a2,500,1000,550");
  }

  @Test
  void eventsInAnyOrderAndWithoutTheirFieldsDoNoHarm() {
    assertThat(
            run(
                """
                const types = ['session.created', 'input_audio_buffer.speech_started',
                  'input_audio_buffer.speech_stopped', 'input_audio_buffer.committed', 'error', 'unknown',
                  'conversation.item.input_audio_transcription.delta', 'conversation.item.added',
                  'conversation.item.input_audio_transcription.completed', 'response.created',
                  'response.output_item.added', 'response.output_audio_transcript.delta',
                  'response.function_call_arguments.done', 'response.done', 'conversation.item.deleted'];
                let seed = 1;
                const next = (n) => (seed = (seed * 48271) % 2147483647) % n;
                const c = new page.Conversation();
                for (let i = 0; i < 5000; i++) {
                  const event = {type: types[next(types.length)]};
                  if (next(2)) event.item_id = 'i' + next(5);
                  if (next(2)) event.response_id = 'r' + next(5);
                  if (next(2)) event.item = {id: 'i' + next(5), type: ['message', 'function_call'][next(2)]};
                  if (next(2)) event.response = {id: 'r' + next(5), status: ['failed', 'cancelled'][next(2)]};
                  c.apply(event, i);
                  c.entries.filter((e) => e.kind === 'answer').forEach((e) => page.heard(e));
                }
                return String(c.entries.length <= 500 && c.waterfalls.length <= 20)"""))
        .isEqualTo("true");
  }

  @Test
  void toolsAreReadAndProblemsNamed() {
    assertThat(run("JSON.stringify(page.parseTools('[{\"name\": \"f\"}]'))"))
        .isEqualTo("[{\"type\":\"function\",\"name\":\"f\"}]");
    assertThat(run("page.parseTools('  ').length.toString()")).isEqualTo("0");
    assertThat(run("page.parseTools('[{')")).startsWith("Tools are no JSON");
    assertThat(run("page.parseTools('{}')")).contains("expected a list");
    assertThat(run("page.parseTools('[{\"type\": \"function\"}]')")).contains("\"name\"");
  }

  @Test
  void theSessionSaysWhoEndsTheTurn() {
    assertThat(
            run(
                """
                const u = page.sessionUpdate({...page.DEFAULTS, pushToTalk: true, instructions: 'Be brief.'}, []);
                return [u.audio.input.turn_detection, u.instructions, u.audio.output.voice].join()"""))
        .isEqualTo(",Be brief.,");
  }

  /** A caller asks, and an answer of one second comes. */
  private static final String TURN =
      """
      const c = new page.Conversation();
      c.apply({type: 'session.created', session: {antiphon: {conversation_id: 'conv'}}}, 0);
      c.apply({type: 'input_audio_buffer.speech_started', item_id: 'u'}, 100);
      c.apply({type: 'input_audio_buffer.speech_stopped', item_id: 'u'}, 1000);
      c.apply({type: 'input_audio_buffer.committed', item_id: 'u'}, 1001);
      c.apply({type: 'conversation.item.input_audio_transcription.completed', item_id: 'u',
               transcript: 'What is it?'}, 1100);
      c.apply({type: 'response.created', response: {id: 'r', antiphon: {turn: 3}}}, 1110);
      c.apply({type: 'response.output_item.added', response_id: 'r', item: {id: 'a', type: 'message'}}, 1120);
      c.apply({type: 'response.output_audio_transcript.delta', response_id: 'r', item_id: 'a',
               delta: 'one', start_time: 0}, 1130);
      c.apply({type: 'response.output_audio_transcript.delta', response_id: 'r', item_id: 'a',
               delta: ' two', start_time: 0.25}, 1130);
      c.apply({type: 'response.output_audio_transcript.delta', response_id: 'r', item_id: 'a',
               delta: ' three', start_time: 0.5}, 1130);
      c.apply({type: 'response.output_audio_transcript.delta', response_id: 'r', item_id: 'a',
               delta: ' four', start_time: 0.75}, 1130);
      c.received('a', 'r', 1000, 1200);
      const done = (status) => c.apply({type: 'response.done', response: {id: 'r', status,
        antiphon: {turn: 3, latencies_ms: {encoded: 30, prefilled: 50, first_text: 80,
                   first_speech_tokens: -1, first_audio: 150}}}}, 1210);
      """;

  private static String played(String cuts, int block) {
    return run(
        """
        const b = new page.JitterBuffer(0, 100000);
        const all = Int16Array.from({length: 1000}, (_, i) => i * 7);
        let at = 0;
        for (const cut of %s) { b.push(0, all.slice(at, at + cut)); at = Math.min(1000, at + cut); }
        b.push(0, all.slice(at)); b.finish();
        const out = new Float32Array(%d), heard = [];
        while (b.playing()) { b.read(out); heard.push(...out); }
        return heard.slice(0, 1000).map((s) => s * 32768).join() + b.underruns()"""
            .formatted(cuts, block));
  }

  /** The value of an expression, or what statements return. */
  private static String run(String script) {
    String body = script.contains("return ") ? script : "return " + script;
    return context.eval("js", "(() => {" + body + "\n})()").asString();
  }

  /** What the page takes from the browser beyond the language. */
  public static final class Browser {
    @HostAccess.Export
    public String btoa(String text) {
      return Base64.getEncoder()
          .encodeToString(text.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
    }

    @HostAccess.Export
    public String atob(String text) {
      return new String(
          Base64.getDecoder().decode(text), java.nio.charset.StandardCharsets.ISO_8859_1);
    }
  }
}
