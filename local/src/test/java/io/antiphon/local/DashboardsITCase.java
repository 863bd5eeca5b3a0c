package io.antiphon.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.antiphon.client.AnswerObserver;
import io.antiphon.client.Caller;
import io.antiphon.client.ConversationException;
import io.antiphon.client.Pace;
import io.antiphon.client.ScriptedDialogue;
import io.antiphon.schemas.KeyPressed;
import io.antiphon.schemas.Mode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.Test;

/** The dashboards and alerts ask for what Flink's Prometheus reporter really tells. */
class DashboardsITCase {
  private static final Path MONITORING = Path.of("../deploy/monitoring");
  private static final Pattern ASKED = Pattern.compile("flink_[A-Za-z0-9_]+");

  /** The product's dataflow on a cluster that can be scraped. */
  private static final class Scraped extends ObservedDataflow {
    private final int port;

    Scraped(int port) {
      this.port = port;
    }

    @Override
    public Configuration cluster() {
      Configuration configuration = new Configuration();
      configuration.setString(
          "metrics.reporter.prometheus.factory.class",
          "org.apache.flink.metrics.prometheus.PrometheusReporterFactory");
      configuration.setString("metrics.reporter.prometheus.port", String.valueOf(port));
      return configuration;
    }

    Set<String> told() throws IOException, InterruptedException {
      URI address = URI.create("http://127.0.0.1:" + port + "/metrics");
      String body =
          HttpClient.newHttpClient()
              .send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString())
              .body();
      return body.lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> line.split("[{ ]", 2)[0])
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  @Test
  void everyMetricThatIsAskedForIsTold() throws Exception {
    Scraped dataflow = new Scraped(freePort());
    try (NanoService nano = NanoService.start(dataflow, Map.of())) {
      try (Caller caller = nano.call(Mode.SPEECH_TO_SPEECH)) {
        ScriptedDialogue dialogue = new ScriptedDialogue(caller, Optional.empty());
        short[] question = Samples.recording(Samples.byId("capital"));
        dialogue.say(question, Pace.IMMEDIATE, AnswerObserver.NONE);
        caller.send(new KeyPressed("no key", 0, -1L)); // dead letters are counted once there is one
        assertThatExceptionOfType(ConversationException.class)
            .isThrownBy(() -> dialogue.say(question, Pace.IMMEDIATE, AnswerObserver.NONE));
      }
      assertThat(dataflow.told()).containsAll(asked());
    }
  }

  private static Set<String> asked() throws IOException {
    Set<String> asked = new TreeSet<>();
    for (JsonNode expression :
        new ObjectMapper()
            .readTree(Files.readString(MONITORING.resolve("grafana/dataflow.json")))
            .findValues("expr")) {
      find(expression.textValue(), asked);
    }
    find(Files.readString(MONITORING.resolve("alerts.yaml")), asked);
    assertThat(asked).hasSizeGreaterThan(30);
    return asked;
  }

  private static void find(String text, Set<String> asked) {
    for (Matcher matcher = ASKED.matcher(text); matcher.find(); ) {
      asked.add(matcher.group());
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
