package io.antiphon.local;

import io.antiphon.client.Answer;
import io.antiphon.client.Caller;
import io.antiphon.client.ConversationClient;
import io.antiphon.jobs.DataflowDefinition;
import io.antiphon.jobs.configuration.AgentConfiguration;
import io.antiphon.schemas.AudioFormat;
import io.antiphon.schemas.ConversationStarted;
import io.antiphon.schemas.Mode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** The shipped model behind a broker and a cluster in this process, and callers of it. */
public final class NanoService implements AutoCloseable {
  private static final Path MODEL = Path.of(System.getProperty("antiphon.model", "../models/nano"));
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final LocalService service;
  private final ConversationClient client;

  private NanoService(LocalService service) {
    this.service = service;
    this.client =
        new ConversationClient(
            configuration().kafka().clientProperties(), configuration().topics());
  }

  /**
   * @param settings over the defaults
   */
  public static NanoService start(DataflowDefinition dataflow, Map<String, String> settings) {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("model.bundle", MODEL.toString());
    // Nobody listens: answers come as fast as they are made.
    all.put("model.maximumLead", "1h");
    all.put("model.admission.capacity", "1000000");
    all.putAll(settings);
    AgentConfiguration configuration = AgentConfiguration.read(Optional.empty(), all);
    return new NanoService(LocalService.start(configuration, 0, dataflow, (part, took) -> {}));
  }

  public LocalService service() {
    return service;
  }

  public AgentConfiguration configuration() {
    return service.configuration();
  }

  public ConversationClient client() {
    return client;
  }

  /** A new conversation at 16 kHz. */
  public Caller call(Mode mode) {
    return call("test-" + UUID.randomUUID(), mode);
  }

  Caller call(String conversation, Mode mode) {
    return call(conversation, start(mode));
  }

  Caller call(String conversation, ConversationStarted start) {
    return new Caller(client, conversation, start, PATIENCE);
  }

  /** What a conversation of these tests begins with. */
  public static ConversationStarted start(Mode mode) {
    return starting(mode).build();
  }

  static ConversationStarted.Builder starting(Mode mode) {
    return ConversationStarted.newBuilder()
        .setMode(mode)
        .setInputFormat(new AudioFormat("pcm16", 16_000, 1))
        .setOutputFormat(new AudioFormat("pcm16", 24_000, 1));
  }

  /** Root mean square of an answer's speech. */
  public static double loudness(Answer answer) {
    double sum = 0;
    for (float sample : answer.speech()) {
      sum += sample * sample;
    }
    return Math.sqrt(sum / Math.max(1, answer.speech().length));
  }

  @Override
  public void close() {
    client.close();
    service.close();
  }
}
