package io.antiphon.gateway.realtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.antiphon.gateway.Forgeries;
import io.antiphon.gateway.GatewayProcess;
import io.antiphon.gateway.GatewayServer;
import io.antiphon.gateway.NanoDataflow;
import io.antiphon.gateway.TestGateway;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpClient;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A page that loses its connection in mid-answer and goes on, through Kafka, Flink and nano. */
class ResumeITCase {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final String SUBPROTOCOLS = "realtime, openai-insecure-api-key." + TestGateway.KEY;
  private static final int BYTES_A_MILLISECOND = 48;

  private static NanoDataflow dataflow;
  private static GatewayServer gateway;

  @BeforeAll
  static void start() throws Exception {
    dataflow = new NanoDataflow(Map.of("dataflow.parallelism", "2"));
    gateway = GatewayServer.start(TestGateway.node(dataflow.bootstrapServers(), 1, 2), List.of());
  }

  @AfterAll
  static void stop() {
    gateway.close();
    dataflow.close();
  }

  private static TestSocket connect(String query, String subprotocols) {
    return connect(gateway.url(), query, subprotocols);
  }

  private static TestSocket connect(String url, String query, String subprotocols) {
    return new TestSocket(CLIENT, url.replace("http", "ws") + "/v1/realtime" + query, subprotocols);
  }

  private static void ask(TestSocket socket) {
    socket.send(
        """
        {"type":"conversation.item.create","item":{"type":"message","role":"user",
         "content":[{"type":"input_text","text":"what are your opening hours on friday"}]}}""");
    socket.send("{\"type\":\"response.create\"}");
  }

  private static JsonNode until(TestSocket socket, String type, ByteArrayOutputStream speech)
      throws InterruptedException {
    while (true) {
      JsonNode event = socket.next();
      String found = event.path("type").textValue();
      assertThat(found).as(event.toString()).isNotEqualTo("error");
      if (found.equals("response.output_audio.delta")) {
        speech.writeBytes(Base64.getDecoder().decode(event.path("delta").textValue()));
      }
      if (found.equals(type)) {
        return event;
      }
    }
  }

  private static byte[] undisturbed() throws InterruptedException {
    ByteArrayOutputStream speech = new ByteArrayOutputStream();
    try (TestSocket socket = connect("", SUBPROTOCOLS)) {
      until(socket, "session.created", speech);
      ask(socket);
      until(socket, "response.done", speech);
    }
    return speech.toByteArray();
  }

  @Test
  void theAnswerGoesOnWhereItWasReceivedWithoutASampleTwiceOrMissing() throws Exception {
    byte[] expected = undisturbed();
    ByteArrayOutputStream speech = new ByteArrayOutputStream();
    String conversation;
    try (TestSocket first = connect("", SUBPROTOCOLS)) {
      conversation =
          until(first, "session.created", speech)
              .at("/session/antiphon/conversation_id")
              .textValue();
      ask(first);
      until(first, "response.output_audio.delta", speech);
      until(first, "response.output_audio.delta", speech);
      first.abort();
    }
    long received = speech.size() / BYTES_A_MILLISECOND;
    assertThat(speech.size()).as("the answer is cut").isLessThan(expected.length);
    try (TestSocket second =
        connect(
            "?antiphon_conversation="
                + conversation
                + "&antiphon_turn=0&antiphon_received_ms="
                + received,
            SUBPROTOCOLS)) {
      JsonNode created = until(second, "session.created", speech);
      assertThat(created.at("/session/antiphon/conversation_id").textValue())
          .isEqualTo(conversation);
      JsonNode done = until(second, "response.done", speech);
      assertThat(done.at("/response/status").textValue()).isEqualTo("completed");
      assertThat(done.at("/response/antiphon/turn").intValue()).isZero();
      assertThat(speech.toByteArray()).isEqualTo(expected);
      List<String> texts = new ArrayList<>();
      ask(second);
      texts.add(
          until(second, "response.done", speech)
              .at("/response/output/0/content/0/transcript")
              .textValue());
      assertThat(texts.get(0)).contains("open");
    }
  }

  @Test
  void anotherNodeGoesOnWhenOneIsKilledInMidSentence() throws Exception {
    byte[] expected = undisturbed();
    ByteArrayOutputStream speech = new ByteArrayOutputStream();
    String query;
    long killed;
    String conversation;
    try (GatewayProcess node = GatewayProcess.start(dataflow.bootstrapServers(), 0, 2);
        TestSocket first = connect(node.url(), "", SUBPROTOCOLS)) {
      JsonNode session = until(first, "session.created", speech).at("/session/antiphon");
      conversation = session.path("conversation_id").textValue();
      ask(first);
      until(first, "response.output_audio.delta", speech);
      until(first, "response.output_audio.delta", speech);
      node.kill();
      killed = System.nanoTime();
      query =
          "?antiphon_conversation="
              + conversation
              + "&antiphon_turn=0&antiphon_received_ms="
              + speech.size() / BYTES_A_MILLISECOND
              + "&antiphon_takeover="
              + session.path("takeover").textValue();
    }
    assertThat(speech.size()).as("the answer is cut").isLessThan(expected.length);
    // Without what only a node can make nobody goes on, nor does another tenant with it.
    String others = SUBPROTOCOLS.replace(TestGateway.KEY, TestGateway.OTHER_KEY);
    for (TestSocket stranger :
        List.of(
            connect(query.replaceAll("takeover=.*", "takeover=x.y"), SUBPROTOCOLS),
            connect(query, others))) {
      try (stranger) {
        assertThat(
                until(stranger, "session.created", speech)
                    .at("/session/antiphon/conversation_id")
                    .textValue())
            .isNotEqualTo(conversation);
      }
    }
    try (TestSocket second = connect(query, SUBPROTOCOLS)) {
      JsonNode created = until(second, "session.created", speech);
      assertThat(created.at("/session/antiphon/conversation_id").textValue())
          .isEqualTo(conversation);
      until(second, "response.output_audio.delta", speech);
      System.out.printf(
          "the answer went on at the other node %d ms after the first was killed%n",
          (System.nanoTime() - killed) / 1_000_000);
      JsonNode done = until(second, "response.done", speech);
      assertThat(done.at("/response/status").textValue()).isEqualTo("completed");
      assertThat(speech.toByteArray()).isEqualTo(expected);
      // The caller is heard as well: the other node's records are taken.
      ask(second);
      done = until(second, "response.done", new ByteArrayOutputStream());
      assertThat(done.at("/response/output/0/content/0/transcript").textValue()).contains("open");
      assertThat(done.at("/response/antiphon/turn").intValue()).isEqualTo(1);
    }
  }

  @Test
  void anotherTenantsConversationIsNotGoneOnWith() throws Exception {
    byte[] expected = undisturbed();
    ByteArrayOutputStream speech = new ByteArrayOutputStream();
    try (TestSocket first = connect("", SUBPROTOCOLS)) {
      JsonNode own = until(first, "session.created", speech).at("/session/antiphon");
      String conversation = own.path("conversation_id").textValue();
      String takeover = own.path("takeover").textValue();
      ask(first);
      until(first, "response.output_audio.delta", speech);
      String others = "realtime, openai-insecure-api-key." + TestGateway.OTHER_KEY;
      List<String> thefts = new ArrayList<>();
      for (String id : Forgeries.of(conversation)) {
        if (id.matches("[A-Za-z0-9_-]+")) {
          thefts.add(SUBPROTOCOLS + "?antiphon_conversation=" + id + "&antiphon_turn=0");
        }
      }
      for (String more :
          List.of(
              "",
              "&antiphon_turn=0&antiphon_received_ms=0",
              "&antiphon_turn=-1",
              "&antiphon_turn=7&antiphon_received_ms=100000",
              "&antiphon_turn=0&antiphon_takeover=x.y",
              "&antiphon_turn=0&antiphon_takeover=" + takeover,
              "&antiphon_turn=0&antiphon_takeover=" + takeover + "x")) {
        thefts.add(others + "?antiphon_conversation=" + conversation + more);
      }
      for (String theft : thefts) {
        int query = theft.indexOf('?');
        try (TestSocket thief = connect(theft.substring(query), theft.substring(0, query))) {
          JsonNode created = until(thief, "session.created", new ByteArrayOutputStream());
          assertThat(created.at("/session/antiphon/conversation_id").textValue())
              .as("a conversation of its own: " + theft.substring(query))
              .isNotEqualTo(conversation);
        }
      }
      System.out.printf(
          "%d of %d foreign conversation ids refused%n", thefts.size(), thefts.size());
      until(first, "response.done", speech);
      assertThat(speech.toByteArray()).as("nobody disturbed it").isEqualTo(expected);
    }
  }
}
