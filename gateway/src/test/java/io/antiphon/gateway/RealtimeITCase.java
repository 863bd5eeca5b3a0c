package io.antiphon.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.models.realtime.RealtimeResponse;
import com.openai.models.realtime.RealtimeServerEvent;
import io.antiphon.gateway.configuration.AudioSocketConfiguration;
import io.antiphon.gateway.phone.PhoneConfiguration;
import io.antiphon.gateway.phone.PhoneProtocol;
import io.antiphon.schemas.AudioFormat;
import io.antiphon.serde.audio.AudioDecoder;
import io.antiphon.serde.audio.AudioEncoder;
import io.antiphon.serde.audio.AudioPacket;
import io.antiphon.serde.recording.MonoRecording;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** OpenAI's own Java client through gateway, Kafka, Flink and the shipped model. */
class RealtimeITCase {
  private static final AudioFormat PCM = new AudioFormat("pcm16", 24_000, 1);
  private static final String MANUAL = "'turn_detection':null";

  /** So often an answer may be over before it is interrupted. */
  private static final int MOST_ATTEMPTS = 5;

  private static NanoDataflow dataflow;
  private static GatewayServer gateway;

  @BeforeAll
  static void start() throws Exception {
    dataflow = new NanoDataflow(Map.of());
    gateway =
        GatewayServer.start(
            TestGateway.configuration(
                dataflow.bootstrapServers(), Optional.empty(), Optional.empty()),
            List.of(
                new PhoneProtocol(
                    new PhoneConfiguration(List.of(), AudioSocketConfiguration.LOOPBACK))));
  }

  @AfterAll
  static void stop() {
    gateway.close();
    dataflow.close();
  }

  private static OpenAiClient connect() {
    OpenAiClient client = new OpenAiClient(gateway.url(), TestGateway.KEY);
    client.until(RealtimeServerEvent::isSessionCreated);
    return client;
  }

  private static byte[] question(String name, AudioFormat format) throws Exception {
    float[] samples =
        MonoRecording.read(Path.of("../samples", name)).samplesAt(AudioEncoder.SAMPLE_RATE);
    AudioEncoder encoder = AudioEncoder.of(format);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (AudioPacket packet : encoder.encode(samples)) {
      bytes.writeBytes(packet.bytes());
    }
    for (AudioPacket packet : encoder.flush()) {
      bytes.writeBytes(packet.bytes());
    }
    return bytes.toByteArray();
  }

  /** Sends what a microphone would in pieces of 100 ms, without waiting. */
  private static void speak(OpenAiClient client, byte[] audio, AudioFormat format) {
    int piece = format.getEncoding().equals("pcm16") ? 4800 : 800;
    for (int from = 0; from < audio.length; from += piece) {
      client.append(Arrays.copyOfRange(audio, from, Math.min(audio.length, from + piece)));
    }
  }

  private static double loudness(byte[] audio, AudioFormat format) throws Exception {
    float[] samples = AudioDecoder.of(format).decode(audio);
    double sum = 0;
    for (float sample : samples) {
      sum += sample * sample;
    }
    return Math.sqrt(sum / Math.max(1, samples.length));
  }

  private static String transcript(RealtimeServerEvent done) {
    RealtimeResponse response = done.asResponseDone().response();
    return response
        .output()
        .orElseThrow()
        .get(0)
        .asRealtimeConversationItemAssistantMessage()
        .content()
        .get(0)
        .transcript()
        .orElse("");
  }

  @ParameterizedTest
  @CsvSource({"audio/pcm, pcm16, 24000", "audio/pcmu, mulaw, 8000", "audio/pcma, alaw, 8000"})
  void aSpokenQuestionIsAnsweredInSpeech(String type, String encoding, int rate) throws Exception {
    AudioFormat format = new AudioFormat(encoding, rate, 1);
    String written = "{'type':'" + type + "'" + (rate == 24_000 ? ",'rate':24000" : "") + "}";
    try (OpenAiClient client = connect()) {
      client.send(
          "{'type':'session.update','session':{'type':'realtime','audio':{'input':{'format':"
              + written
              + ",'transcription':{'model':'nano'},"
              + MANUAL
              + "},'output':{'format':"
              + written
              + "}}}}");
      client.until(RealtimeServerEvent::isSessionUpdated);
      speak(client, question("capital.wav", format), format);
      client.send("{'type':'input_audio_buffer.commit'}");
      client.send("{'type':'response.create'}");
      RealtimeServerEvent done = client.until(RealtimeServerEvent::isResponseDone);
      assertThat(transcript(done)).isEqualTo("The capital of Cuba is Havana.");
      List<RealtimeServerEvent> events = client.take();
      assertThat(events)
          .filteredOn(RealtimeServerEvent::isConversationItemInputAudioTranscriptionCompleted)
          .singleElement()
          .satisfies(
              e ->
                  assertThat(
                          e.asConversationItemInputAudioTranscriptionCompleted()
                              .transcript()
                              .toLowerCase(java.util.Locale.ROOT))
                      .contains("cuba"));
      byte[] speech = OpenAiClient.audio(events);
      assertThat(loudness(speech, format)).isGreaterThan(0.01);
      assertThat(done.asResponseDone().response().usage().orElseThrow().outputTokens().orElse(0L))
          .isPositive();
    }
  }

  @Test
  void speaksTls(@TempDir Path folder) throws Exception {
    Path certificate = folder.resolve("certificate.pem");
    Path key = folder.resolve("key.pem");
    TestCertificate made = TestCertificate.write(folder, certificate, key);
    try (GatewayServer secure =
            GatewayServer.start(
                TestGateway.configuration(
                    dataflow.bootstrapServers(), Optional.of(certificate), Optional.of(key)),
                List.of());
        OpenAiClient client =
            new OpenAiClient(
                "https://localhost:" + secure.port(),
                TestGateway.KEY,
                made.context().getSocketFactory(),
                made.trust())) {
      client.until(RealtimeServerEvent::isSessionCreated);
      client.send(
          "{'type':'session.update','session':{'type':'realtime','audio':{'input':{"
              + MANUAL
              + "}}}}");
      speak(client, question("capital.wav", PCM), PCM);
      client.send("{'type':'input_audio_buffer.commit'}");
      client.send("{'type':'response.create'}");
      assertThat(transcript(client.until(RealtimeServerEvent::isResponseDone)))
          .isEqualTo("The capital of Cuba is Havana.");
    }
  }

  @Test
  void aQuestionThatIsFoundInTheAudioIsAnsweredByItself() throws Exception {
    try (OpenAiClient client = connect()) {
      speak(client, question("opposite.wav", PCM), PCM);
      speak(client, new byte[96_000], PCM);
      RealtimeServerEvent done = client.until(RealtimeServerEvent::isResponseDone);
      assertThat(transcript(done)).isEqualTo("The opposite of wet is dry.");
      List<RealtimeServerEvent> events = client.take();
      assertThat(events).anyMatch(RealtimeServerEvent::isInputAudioBufferSpeechStarted);
      assertThat(events).anyMatch(RealtimeServerEvent::isInputAudioBufferSpeechStopped);
      assertThat(events).anyMatch(RealtimeServerEvent::isInputAudioBufferCommitted);
      assertThat(events).anyMatch(RealtimeServerEvent::isResponseCreated);
    }
  }

  /** An attempt; false where the answer was made before anything could stop it. */
  private interface Interruption {
    boolean comesInTime(OpenAiClient client) throws Exception;
  }

  /**
   * Answers are made faster than they are spoken: on a machine that gives the model time and this
   * process none, one may be over before it is interrupted. That is another attempt's chance.
   */
  private static void interrupted(Interruption attempt) throws Exception {
    for (int i = 0; i < MOST_ATTEMPTS; i++) {
      try (OpenAiClient client = connect()) {
        if (attempt.comesInTime(client)) {
          return;
        }
      }
    }
    throw new AssertionError(
        "each of " + MOST_ATTEMPTS + " answers was made before it was stopped");
  }

  @Test
  void speechOverAnAnswerStopsItAndIsAnswered() throws Exception {
    interrupted(
        client -> {
          speak(client, question("add.wav", PCM), PCM);
          speak(client, new byte[48_000], PCM);
          client.until(RealtimeServerEvent::isResponseOutputAudioDelta);
          speak(client, question("capital.wav", PCM), PCM);
          speak(client, new byte[96_000], PCM);
          RealtimeResponse stopped =
              client.until(RealtimeServerEvent::isResponseDone).asResponseDone().response();
          assertThat(transcript(client.until(RealtimeServerEvent::isResponseDone)))
              .isEqualTo("The capital of Cuba is Havana.");
          if (stopped.status().orElseThrow().asString().equals("completed")) {
            return false;
          }
          assertThat(stopped.status().orElseThrow().asString()).isEqualTo("cancelled");
          assertThat(stopped.statusDetails().orElseThrow().reason().orElseThrow().asString())
              .isEqualTo("turn_detected");
          return true;
        });
  }

  /** "what is the opposite of", a second of quiet, "wet". */
  @Test
  void aPauseEndsNoTurnThatTheModelTakesForUnfinished() throws Exception {
    assertThat(endOfHesitating("{'type':'server_vad','create_response':false}"))
        .isBetween(1_000L, 1_900L);
    assertThat(endOfHesitating("{'type':'semantic_vad','create_response':false}"))
        .isGreaterThan(2_465L);
  }

  /** Milliseconds of sound at which the first turn of a caller who hesitates ended. */
  private static long endOfHesitating(String turnDetection) throws Exception {
    try (OpenAiClient client = connect()) {
      client.send(
          "{'type':'session.update','session':{'type':'realtime','audio':{'input':{"
              + "'turn_detection':"
              + turnDetection
              + "}}}}");
      client.until(RealtimeServerEvent::isSessionUpdated);
      byte[] question = question("opposite.wav", PCM);
      int hesitation = 1_165 * 48;
      speak(client, new byte[300 * 48], PCM);
      speak(client, Arrays.copyOf(question, hesitation), PCM);
      speak(client, new byte[1_000 * 48], PCM);
      speak(client, Arrays.copyOfRange(question, hesitation, question.length), PCM);
      speak(client, new byte[3_000 * 48], PCM);
      RealtimeServerEvent stopped =
          client.until(RealtimeServerEvent::isInputAudioBufferSpeechStopped);
      return stopped.asInputAudioBufferSpeechStopped().audioEndMs();
    }
  }

  @Test
  void aWrittenQuestionIsAnsweredInText() {
    try (OpenAiClient client = connect()) {
      client.send(
          "{'type':'session.update','session':{'type':'realtime','output_modalities':['text']}}");
      client.send(
          "{'type':'conversation.item.create','item':{'id':'mine','type':'message','role':'user',"
              + "'content':[{'type':'input_text','text':'what is the opposite of wet'}]}}");
      client.send("{'type':'response.create'}");
      RealtimeServerEvent done = client.until(RealtimeServerEvent::isResponseDone);
      assertThat(
              done.asResponseDone()
                  .response()
                  .output()
                  .orElseThrow()
                  .get(0)
                  .asRealtimeConversationItemAssistantMessage()
                  .content()
                  .get(0)
                  .text())
          .contains("The opposite of wet is dry.");
    }
  }

  @Test
  void aToolIsCalledAndItsResultIsSpoken() throws Exception {
    try (OpenAiClient client = connect()) {
      client.send(
          "{'type':'session.update','session':{'type':'realtime','audio':{'input':{"
              + MANUAL
              + "}},'tools':[{'type':'function','name':'get_balance',"
              + "'parameters':{'account':'string'}}]}}");
      speak(client, question("balance.wav", PCM), PCM);
      client.send("{'type':'input_audio_buffer.commit'}");
      client.send("{'type':'response.create'}");
      RealtimeServerEvent called =
          client.until(RealtimeServerEvent::isResponseFunctionCallArgumentsDone);
      var arguments = called.asResponseFunctionCallArgumentsDone();
      assertThat(arguments.arguments()).contains("business account");
      client.until(RealtimeServerEvent::isResponseDone);
      client.send(
          "{'type':'conversation.item.create','item':{'type':'function_call_output','call_id':'"
              + arguments.callId()
              + "','output':'eighty pounds'}}");
      client.send("{'type':'response.create'}");
      RealtimeServerEvent done = client.until(RealtimeServerEvent::isResponseDone);
      assertThat(transcript(done)).contains("eighty pounds");
    }
  }

  /** The tool that is forced is called, by what was said of something else as well. */
  @ParameterizedTest
  @CsvSource({
    "balance.wav, get_last_payment",
    "balance.wav, get_balance",
    "capital.wav, get_balance",
    "balance.wav, required"
  })
  void aForcedToolIsCalled(String recording, String choice) throws Exception {
    String written =
        choice.equals("required") ? "'required'" : "{'type':'function','name':'" + choice + "'}";
    try (OpenAiClient client = connect()) {
      client.send(
          "{'type':'session.update','session':{'type':'realtime','audio':{'input':{"
              + MANUAL
              + "}},'tools':["
              + tool("get_balance")
              + ","
              + tool("get_last_payment")
              + "]}}");
      speak(client, question(recording, PCM), PCM);
      client.send("{'type':'input_audio_buffer.commit'}");
      client.send("{'type':'response.create','response':{'tool_choice':" + written + "}}");
      RealtimeResponse done =
          client.until(RealtimeServerEvent::isResponseDone).asResponseDone().response();
      assertThat(done.status().orElseThrow().asString()).as(done.toString()).isEqualTo("completed");
      var call = done.output().orElseThrow().get(0).asFunctionCall();
      System.out.printf("%s, %s: %s%s%n", recording, choice, call.name(), call.arguments());
      if (choice.equals("required")) {
        assertThat(call.name()).isIn("get_balance", "get_last_payment");
      } else {
        assertThat(call.name()).isEqualTo(choice);
      }
      assertThat(OpenAiClient.audio(client.take())).as("speech").isEmpty();
      client.send(
          "{'type':'conversation.item.create','item':{'type':'function_call_output','call_id':'"
              + call.callId().orElseThrow()
              + "','output':'eighty pounds'}}");
      client.send("{'type':'response.create'}");
      assertThat(transcript(client.until(RealtimeServerEvent::isResponseDone))).isNotEmpty();
    }
  }

  private static String tool(String name) {
    return "{'type':'function','name':'" + name + "','parameters':{'account':'string'}}";
  }

  @Test
  void anAnswerThatIsSpokenOverStopsAndIsCutToWhatWasHeard() throws Exception {
    interrupted(
        client -> {
          client.send(
              "{'type':'session.update','session':{'type':'realtime','audio':{'input':{"
                  + MANUAL
                  + "}}}}");
          speak(client, question("add.wav", PCM), PCM);
          client.send("{'type':'input_audio_buffer.commit'}");
          client.send("{'type':'response.create'}");
          var delta =
              client
                  .until(RealtimeServerEvent::isResponseOutputAudioDelta)
                  .asResponseOutputAudioDelta();
          client.send("{'type':'response.cancel'}");
          client.send(
              "{'type':'conversation.item.truncate','item_id':'"
                  + delta.itemId()
                  + "','content_index':0,'audio_end_ms':300}");
          client.until(
              RealtimeServerEvent::isConversationItemTruncated, "response_cancel_not_active");
          RealtimeResponse stopped =
              client.take().stream()
                  .flatMap(event -> event.responseDone().stream())
                  .findFirst()
                  .orElseThrow()
                  .response();
          client.send("{'type':'conversation.item.retrieve','item_id':'" + delta.itemId() + "'}");
          client.until(RealtimeServerEvent::isConversationItemRetrieved);
          speak(client, question("capital.wav", PCM), PCM);
          client.send("{'type':'input_audio_buffer.commit'}");
          client.send("{'type':'response.create'}");
          RealtimeServerEvent done = client.until(RealtimeServerEvent::isResponseDone);
          assertThat(transcript(done)).isEqualTo("The capital of Cuba is Havana.");
          return stopped.status().orElseThrow().asString().equals("cancelled");
        });
  }

  /** The dashboard asks for what a scrape really tells, once each of it has happened. */
  @Test
  void everyMetricOfTheDashboardIsTold() throws Exception {
    try (OpenAiClient client = connect()) {
      client.send(
          "{'type':'conversation.item.create','item':{'type':'message','role':'user',"
              + "'content':[{'type':'input_text','text':'what is the opposite of wet'}]}}");
      client.send("{'type':'response.create'}");
      client.until(RealtimeServerEvent::isResponseDone);
    }
    try (OpenAiClient client = connect()) {
      client.send("{'type':'no.such.event'}");
      assertThatThrownBy(() -> client.until(RealtimeServerEvent::isError))
          .hasMessageContaining("no.such.event");
    }
    assertThat(get(gateway.url() + "/v1/models").statusCode()).isEqualTo(401);
    Set<String> told =
        get("http://127.0.0.1:" + gateway.managementPort() + "/metrics")
            .body()
            .lines()
            .map(line -> line.split("[{ ]", 2)[0])
            .collect(Collectors.toSet());
    Set<String> asked = new TreeSet<>();
    Matcher names =
        Pattern.compile("antiphon_gateway_[a-z_]+")
            .matcher(Files.readString(Path.of("../deploy/monitoring/grafana/gateway.json")));
    while (names.find()) {
      asked.add(names.group());
    }
    assertThat(asked).hasSizeGreaterThan(5);
    assertThat(told).containsAll(asked);
  }

  private static HttpResponse<String> get(String address) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(address)).build(),
            HttpResponse.BodyHandlers.ofString());
  }
}
