package io.antiphon.gateway.realtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.antiphon.gateway.TestCertificate;
import io.antiphon.gateway.TestGateway;
import io.antiphon.gateway.conversation.AudioPiece;
import io.antiphon.gateway.server.SocketLimits;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class RealtimeProtocolTest {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final String BEARER = "Bearer " + TestGateway.KEY;
  private static final long PATIENCE_NANOS = 20_000_000_000L;

  private static HttpResponse<String> get(String uri, String... headers) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(uri));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static HttpResponse<String> post(String uri, String key, String body) throws Exception {
    return CLIENT.send(
        HttpRequest.newBuilder(URI.create(uri))
            .header("Authorization", "Bearer " + key)
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("the deadline").isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  @Test
  void everyWrongKeyIsRefusedBeforeASessionBegins() throws Exception {
    try (HttpGateway gateway = new HttpGateway()) {
      List<String[]> wrong =
          List.of(
              new String[] {},
              new String[] {"Authorization", ""},
              new String[] {"Authorization", "Bearer "},
              new String[] {"Authorization", "Bearer sk-wrong"},
              new String[] {"Authorization", "Basic " + TestGateway.KEY},
              new String[] {"Authorization", TestGateway.KEY},
              new String[] {"Authorization", "Bearer ek_"},
              new String[] {"Authorization", "Bearer ek_eyJhbGciOiJub25lIn0.e30."},
              new String[] {"Authorization", "Bearer " + TestGateway.KEY + "x"});
      for (String[] headers : wrong) {
        assertThatThrownBy(() -> new TestSocket(CLIENT, gateway.ws() + "/v1/realtime", "", headers))
            .hasCauseInstanceOf(WebSocketHandshakeException.class)
            .satisfies(
                e ->
                    assertThat(
                            ((WebSocketHandshakeException) e.getCause()).getResponse().statusCode())
                        .isEqualTo(401));
      }
      assertThatThrownBy(
              () ->
                  new TestSocket(
                      CLIENT,
                      gateway.ws() + "/v1/realtime",
                      "realtime, openai-insecure-api-key.sk-wrong"))
          .hasCauseInstanceOf(WebSocketHandshakeException.class);
      assertThat(get(gateway.http() + "/v1/models").statusCode()).isEqualTo(401);
      assertThat(
              post(gateway.http() + "/v1/realtime/client_secrets", "sk-wrong", "{}").statusCode())
          .isEqualTo(401);
      assertThat(gateway.port.calls).isEmpty();
    }
  }

  @Test
  void aForeignPageIsRefusedAlsoWithAKey() throws Exception {
    try (HttpGateway gateway = new HttpGateway()) {
      assertThat(
              get(
                      gateway.http() + "/v1/models",
                      "Authorization",
                      BEARER,
                      "Origin",
                      "https://evil.example.org")
                  .statusCode())
          .isEqualTo(403);
      assertThat(
              get(gateway.http() + "/v1/models", "Authorization", BEARER, "Origin", gateway.http())
                  .statusCode())
          .isEqualTo(200);
    }
  }

  @Test
  void aBrowserBringsTheKeyAsASubprotocolAndHearsItNeverAgain() throws Exception {
    try (HttpGateway gateway = new HttpGateway();
        TestSocket socket =
            new TestSocket(
                CLIENT,
                gateway.ws() + "/v1/realtime?model=gpt-realtime",
                "realtime, openai-insecure-api-key." + TestGateway.KEY)) {
      assertThat(socket.subprotocol()).isEqualTo("realtime");
      JsonNode created = socket.next();
      assertThat(created.at("/session/model").textValue()).isEqualTo("gpt-realtime");
    }
  }

  @Test
  void aClientSecretOpensSessionsThatAreConfiguredAlready() throws Exception {
    try (HttpGateway gateway = new HttpGateway()) {
      long before = Instant.now().getEpochSecond();
      HttpResponse<String> made =
          post(
              gateway.http() + "/v1/realtime/client_secrets",
              TestGateway.KEY,
              """
              {"session":{"type":"realtime","model":"nano","instructions":"A secret recipe.",
               "audio":{"input":{"turn_detection":null}}},
               "expires_after":{"anchor":"created_at","seconds":30}}""");
      assertThat(made.statusCode()).isEqualTo(200);
      JsonNode body = Wire.JSON.readTree(made.body());
      String secret = body.path("value").textValue();
      assertThat(secret).startsWith("ek_");
      assertThat(body.path("expires_at").longValue())
          .isBetween(before + 30, Instant.now().getEpochSecond() + 30);
      for (int i = 0; i < 2; i++) {
        try (TestSocket socket =
            new TestSocket(
                CLIENT,
                gateway.ws() + "/v1/realtime",
                "realtime, openai-insecure-api-key." + secret)) {
          JsonNode session = socket.next().path("session");
          assertThat(session.path("instructions").textValue()).isEqualTo("A secret recipe.");
          assertThat(session.at("/audio/input/turn_detection").isNull()).isTrue();
        }
      }
      assertThat(post(gateway.http() + "/v1/realtime/client_secrets", secret, "{}").statusCode())
          .as("a secret makes no secrets")
          .isEqualTo(403);
      assertThat(
              post(
                      gateway.http() + "/v1/realtime/client_secrets",
                      TestGateway.KEY,
                      "{\"expires_after\":{\"seconds\":5}}")
                  .statusCode())
          .isEqualTo(400);
    }
  }

  @Test
  void modelsAndWhatIsNotThere() throws Exception {
    try (HttpGateway gateway = new HttpGateway()) {
      assertThat(get(gateway.http() + "/v1/models", "Authorization", BEARER).body())
          .contains("\"id\":\"nano\"");
      assertThat(get(gateway.http() + "/v1/models/nano", "Authorization", BEARER).statusCode())
          .isEqualTo(200);
      assertThat(get(gateway.http() + "/v1/models/x", "Authorization", BEARER).statusCode())
          .isEqualTo(404);
      assertThat(get(gateway.http() + "/v1/realtime", "Authorization", BEARER).statusCode())
          .isEqualTo(426);
      assertThat(get(gateway.http() + "/nothing").statusCode()).isEqualTo(404);
      assertThat(get(gateway.http() + "/v1/realtime/client_secrets").statusCode()).isEqualTo(405);
    }
  }

  @Test
  void tooManySessionsOfATenantAreRefusedAndOthersAreNot() throws Exception {
    try (HttpGateway gateway =
        new HttpGateway(
            Optional.empty(), Optional.empty(), TestGateway.limits(1), SocketLimits.DEFAULT)) {
      String uri = gateway.ws() + "/v1/realtime";
      TestSocket first = new TestSocket(CLIENT, uri, "", "Authorization", BEARER);
      first.next();
      assertThatThrownBy(() -> new TestSocket(CLIENT, uri, "", "Authorization", BEARER))
          .hasCauseInstanceOf(WebSocketHandshakeException.class)
          .satisfies(
              e ->
                  assertThat(
                          ((WebSocketHandshakeException) e.getCause()).getResponse().statusCode())
                      .isEqualTo(429));
      try (TestSocket other =
          new TestSocket(CLIENT, uri, "", "Authorization", "Bearer " + TestGateway.OTHER_KEY)) {
        other.next();
      }
      first.abort();
      await(() -> gateway.port.calls.get(0).ended);
      try (TestSocket again = new TestSocket(CLIENT, uri, "", "Authorization", BEARER)) {
        again.next();
      }
    }
  }

  @Test
  void aHandshakeThatIsNoneLeavesNothingBehind() throws Exception {
    try (HttpGateway gateway =
        new HttpGateway(
            Optional.empty(), Optional.empty(), TestGateway.limits(1), SocketLimits.DEFAULT)) {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.server.port())) {
        OutputStream out = socket.getOutputStream();
        out.write(
            ("GET /v1/realtime HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Authorization: "
                    + BEARER
                    + "\r\nSec-WebSocket-Version: 99\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        out.flush();
        byte[] answer = new byte[12];
        socket.getInputStream().readNBytes(answer, 0, answer.length);
        assertThat(new String(answer, StandardCharsets.US_ASCII)).startsWith("HTTP/1.1 4");
      }
      try (TestSocket socket =
          new TestSocket(CLIENT, gateway.ws() + "/v1/realtime", "", "Authorization", BEARER)) {
        socket.next();
      }
    }
  }

  @Test
  void anOversizedMessageClosesOnlyItsOwnSession() throws Exception {
    try (HttpGateway gateway = new HttpGateway();
        TestSocket other =
            new TestSocket(CLIENT, gateway.ws() + "/v1/realtime", "", "Authorization", BEARER)) {
      // Its conversation is there before the next one begins, so that the next one is the second.
      other.next();
      try (TestSocket socket =
          new TestSocket(CLIENT, gateway.ws() + "/v1/realtime", "", "Authorization", BEARER)) {
        socket.next();
        // The server closes while it is still being sent: nobody waits for the end of that.
        socket.begin("x".repeat((1 << 24) + 1));
        await(() -> gateway.port.calls.get(1).ended);
      }
      other.send("{\"type\":\"input_audio_buffer.clear\"}");
      assertThat(other.next().path("type").textValue()).isEqualTo("input_audio_buffer.cleared");
    }
  }

  @Test
  void aReaderThatDoesNotReadIsCutAndOthersGoOn() throws Exception {
    try (HttpGateway gateway =
            new HttpGateway(
                Optional.empty(),
                Optional.empty(),
                TestGateway.limits(0),
                HttpGateway.sockets(1 << 20, Duration.ofSeconds(60)));
        Socket lazy = new Socket(InetAddress.getLoopbackAddress(), gateway.server.port())) {
      lazy.getOutputStream()
          .write(
              ("GET /v1/realtime HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      + "Authorization: "
                      + BEARER
                      + "\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      await(() -> !gateway.port.calls.isEmpty());
      FakePort.FakeCall call = gateway.port.last();
      try (TestSocket other =
          new TestSocket(CLIENT, gateway.ws() + "/v1/realtime", "", "Authorization", BEARER)) {
        other.next();
        call.strand.force(() -> call.listener.answerStarted(0, null));
        for (int i = 0; i < 400 && !call.ended; i++) {
          call.strand.force(
              () -> call.listener.audio(0, new AudioPiece(0, 0, new byte[48_000], false)));
        }
        await(() -> call.ended);
        assertThat(gateway.count("connections.cut")).isEqualTo(1);
        other.send("{\"type\":\"input_audio_buffer.clear\"}");
        assertThat(other.next().path("type").textValue()).isEqualTo("input_audio_buffer.cleared");
      }
    }
  }

  @Test
  void aReaderThatStallsIsCut() throws Exception {
    try (HttpGateway gateway =
            new HttpGateway(
                Optional.empty(),
                Optional.empty(),
                TestGateway.limits(0),
                HttpGateway.sockets(1L << 30, Duration.ofMillis(300)));
        Socket lazy = new Socket(InetAddress.getLoopbackAddress(), gateway.server.port())) {
      lazy.setReceiveBufferSize(4_096);
      lazy.getOutputStream()
          .write(
              ("GET /v1/realtime HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      + "Authorization: "
                      + BEARER
                      + "\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      await(() -> !gateway.port.calls.isEmpty());
      FakePort.FakeCall call = gateway.port.last();
      call.strand.force(() -> call.listener.answerStarted(0, null));
      for (int i = 0; i < 300; i++) {
        call.strand.force(
            () -> call.listener.audio(0, new AudioPiece(0, 0, new byte[48_000], false)));
      }
      await(() -> call.ended);
    }
  }

  @Test
  void whoIsStillThereWhenTheGatewayStopsIsToldToComeAgain() throws Exception {
    try (HttpGateway gateway = new HttpGateway();
        TestSocket socket =
            new TestSocket(CLIENT, gateway.ws() + "/v1/realtime", "", "Authorization", BEARER)) {
      socket.next();
      gateway.server.drain(Duration.ofMillis(200));
      assertThat(socket.closeCode()).isEqualTo(1012);
      assertThatThrownBy(
              () ->
                  new TestSocket(
                      CLIENT, gateway.ws() + "/v1/realtime", "", "Authorization", BEARER))
          .hasCauseInstanceOf(WebSocketHandshakeException.class)
          .satisfies(
              e ->
                  assertThat(
                          ((WebSocketHandshakeException) e.getCause()).getResponse().statusCode())
                      .isEqualTo(503));
    }
  }

  @Test
  void speaksTlsAndTakesARenewedCertificate(@TempDir Path folder) throws Exception {
    Path certificate = folder.resolve("certificate.pem");
    Path key = folder.resolve("key.pem");
    TestCertificate first = TestCertificate.write(folder, certificate, key);
    try (HttpGateway gateway =
        new HttpGateway(
            Optional.of(certificate),
            Optional.of(key),
            TestGateway.limits(0),
            SocketLimits.DEFAULT)) {
      String uri = "wss://localhost:" + gateway.server.port() + "/v1/realtime";
      HttpClient trusting = HttpClient.newBuilder().sslContext(first.context()).build();
      try (TestSocket socket = new TestSocket(trusting, uri, "", "Authorization", BEARER)) {
        socket.next();
      }
      TestCertificate second = TestCertificate.write(folder, certificate, key);
      Files.setLastModifiedTime(certificate, FileTime.from(Instant.now().plusSeconds(60)));
      gateway.server.renewCertificates();
      HttpClient renewed = HttpClient.newBuilder().sslContext(second.context()).build();
      try (TestSocket socket = new TestSocket(renewed, uri, "", "Authorization", BEARER)) {
        socket.next();
      }
    }
  }

  @Test
  void aThousandSessionsLeaveNothingBehind() throws Exception {
    try (HttpGateway gateway = new HttpGateway()) {
      for (int i = 0; i < 1_000; i++) {
        try (TestSocket socket =
            new TestSocket(CLIENT, gateway.ws() + "/v1/realtime", "", "Authorization", BEARER)) {
          socket.next();
        }
      }
      await(() -> gateway.port.calls.stream().allMatch(call -> call.ended));
      await(() -> gateway.registry.get("antiphon.gateway.connections").gauge().value() == 0);
    }
  }

  @Test
  void nonsenseIsAnsweredAsHttpDoes() throws Exception {
    try (HttpGateway gateway = new HttpGateway();
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.server.port())) {
      socket.getOutputStream().write("nonsense\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      InputStream in = socket.getInputStream();
      assertThat(new String(in.readNBytes(12), StandardCharsets.US_ASCII)).startsWith("HTTP/1.1 4");
    }
  }
}
