package io.antiphon.gateway.phone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.antiphon.gateway.GatewayContext;
import io.antiphon.gateway.configuration.AudioSocketConfiguration;
import io.antiphon.gateway.configuration.TrunkConfiguration.Provider;
import io.antiphon.gateway.conversation.AudioPiece;
import io.antiphon.gateway.phone.PhoneFixture.FakeAccess;
import io.antiphon.gateway.security.Hashes;
import io.antiphon.gateway.server.JettyServer;
import io.antiphon.gateway.server.SocketLimits;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The telephones' addresses on a real server, called as providers call them. */
class PhoneEndpointsTest {
  private static final String TOKEN = "auth-token";
  private static final String KEY = "trunk-key";
  private static final String TWILIO_START =
      "{\"event\":\"start\",\"streamSid\":\"MZ1\",\"start\":{\"streamSid\":\"MZ1\","
          + "\"callSid\":\"CA1\",\"mediaFormat\":{\"encoding\":\"audio/x-mulaw\","
          + "\"sampleRate\":8000,\"channels\":1}}}";
  private static final String ASTERISK_START =
      "{\"event\":\"MEDIA_START\",\"channel\":\"WebSocket/gw/0x1\",\"channel_id\":\"171.3\","
          + "\"format\":\"ulaw\",\"optimal_frame_size\":160,\"ptime\":20}";

  private final ExecutorService workers = Executors.newFixedThreadPool(2);
  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
  private final FakeConversations conversations = new FakeConversations(this::echo);
  private final FakeAccess access = new FakeAccess(10);
  private final HttpClient client = HttpClient.newHttpClient();
  private JettyServer server;
  private PhoneProtocol phones;

  @AfterEach
  void stop() throws IOException {
    phones.close();
    server.close();
    clock.shutdownNow();
    workers.shutdownNow();
  }

  @Test
  void twiliosWebhookConnectsTheCallToItsStream() throws Exception {
    serve(PhoneFixture.trunk(Provider.TWILIO, TOKEN));
    HttpResponse<String> answer = post("/phone/office/voice", form("CA1"), null);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("content-type").orElse("")).startsWith("text/xml");
    assertThat(answer.body())
        .isEqualTo(
            "<Response><Connect action=\"http://127.0.0.1:%1$d/phone/office/action\">"
                    .formatted(server.port())
                + "<Stream url=\"ws://127.0.0.1:%d/phone/office/media\">".formatted(server.port())
                + "<Parameter name=\"from\" value=\"+49&lt;1&amp;2\"/></Stream></Connect>"
                + "</Response>");
  }

  @Test
  void aWrongSignatureIsRefusedEverywhere() throws Exception {
    serve(PhoneFixture.trunk(Provider.TWILIO, TOKEN));
    for (String path : List.of("/phone/office/voice", "/phone/office/action")) {
      assertThat(post(path, form("CA1"), "bm8=").statusCode()).isEqualTo(401);
      assertThat(post(path, form("CA1"), "").statusCode()).isEqualTo(401);
    }
    assertThatThrownBy(() -> socket("/phone/office/media", "X-Twilio-Signature", "bm8=", ""))
        .satisfies(this::isUnauthorized);
    assertThatThrownBy(() -> socket("/phone/office/media", "X-Other", "x", ""))
        .satisfies(this::isUnauthorized);
    assertThat(conversations.opened).isEmpty();
  }

  @Test
  void aTwilioStreamIsHeardAndAnswered() throws Exception {
    serve(PhoneFixture.trunk(Provider.TWILIO, TOKEN));
    Peer peer = twilio();
    peer.send(TWILIO_START);
    peer.send("{\"event\":\"media\",\"streamSid\":\"MZ1\",\"media\":{\"payload\":\"AQID\"}}");
    assertThat(peer.text()).contains("\"event\":\"media\"").contains("\"streamSid\":\"MZ1\"");
    peer.send("{\"event\":\"stop\",\"streamSid\":\"MZ1\",\"stop\":{}}");
    assertThat(peer.closed.get(10, TimeUnit.SECONDS)).isEqualTo(1000);
    // The call asks what to do next: the conversation is over, so is the call.
    assertThat(post("/phone/office/action", form("CA1"), null).body())
        .isEqualTo("<Response><Hangup/></Response>");
    assertThat(post("/phone/office/action", form("CA2"), null).body()).contains("<Stream");
  }

  @Test
  void whatIsNoMediaStreamClosesTheSocketWithTheReason() throws Exception {
    serve(PhoneFixture.trunk(Provider.TWILIO, TOKEN));
    Peer malformed = twilio();
    malformed.send("{\"event\":");
    assertThat(malformed.closed.get(10, TimeUnit.SECONDS)).isEqualTo(1007);
    Peer early = twilio();
    early.send("{\"event\":\"media\",\"streamSid\":\"MZ1\",\"media\":{\"payload\":\"AQID\"}}");
    assertThat(early.closed.get(10, TimeUnit.SECONDS)).isEqualTo(1002);
    Peer binary = twilio();
    binary.socket.sendBinary(ByteBuffer.wrap(new byte[10]), true).get(10, TimeUnit.SECONDS);
    assertThat(binary.closed.get(10, TimeUnit.SECONDS)).isEqualTo(1003);
    Peer large = twilio();
    large.socket.sendText("x".repeat(100_000), true).get(10, TimeUnit.SECONDS);
    assertThat(large.closed.get(10, TimeUnit.SECONDS)).isEqualTo(1009);
    assertThat(access.open).hasValue(0);
  }

  @Test
  void asteriskIsAnsweredWithItsSubprotocolInWholeFrames() throws Exception {
    serve(PhoneFixture.trunk(Provider.ASTERISK, Hashes.sha256(KEY)));
    assertThatThrownBy(() -> socket("/phone/office/media?key=wrong", "X-Other", "x", "media"))
        .satisfies(this::isUnauthorized);
    Peer peer = socket("/phone/office/media?key=" + KEY, "X-Other", "x", "media");
    assertThat(peer.socket.getSubprotocol()).isEqualTo("media");
    peer.send(ASTERISK_START);
    peer.socket.sendBinary(ByteBuffer.wrap(new byte[160]), true).get(10, TimeUnit.SECONDS);
    assertThat(peer.binary()).hasSize(160);
  }

  @Test
  void vonagesWebhookGivesATicketThatOpensTheSocket() throws Exception {
    serve(PhoneFixture.trunk(Provider.VONAGE, Hashes.sha256(KEY)));
    String path = "/phone/office/answer?from=49&to=1&uuid=v1";
    assertThat(get(path + "&key=wrong").statusCode()).isEqualTo(401);
    HttpResponse<String> answer = get(path + "&key=" + KEY);
    assertThat(answer.body()).doesNotContain(KEY).contains("audio/l16;rate=16000");
    String ticket = answer.body().replaceFirst("(?s).*ticket=([^\"]+)\".*", "$1");
    assertThatThrownBy(() -> socket("/phone/office/media?ticket=9" + ticket, "X-Other", "x", ""))
        .satisfies(this::isUnauthorized);
    Peer peer = socket("/phone/office/media?ticket=" + ticket, "X-Other", "x", "");
    peer.send(
        "{\"event\":\"websocket:connected\",\"content-type\":\"audio/l16;rate=16000\","
            + "\"uuid\":\"v1\"}");
    peer.socket.sendBinary(ByteBuffer.wrap(new byte[640]), true).get(10, TimeUnit.SECONDS);
    assertThat(peer.binary()).hasSize(640);
  }

  @Test
  void anAudioSocketIsHeardAnsweredAndClosed() throws Exception {
    serve(PhoneFixture.trunk(Provider.AUDIOSOCKET, ""));
    try (Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), phones.audioSocketPort("office"))) {
      socket.setSoTimeout(10_000);
      OutputStream out = socket.getOutputStream();
      out.write(AudioSocketProtocol.message(AudioSocketProtocol.CALL, new byte[16]).bytes());
      out.write(AudioSocketProtocol.message(AudioSocketProtocol.AUDIO_8K, new byte[320]).bytes());
      DataInputStream in = new DataInputStream(socket.getInputStream());
      assertThat(in.readUnsignedByte()).isEqualTo(AudioSocketProtocol.AUDIO_8K);
      assertThat(in.readUnsignedShort()).isEqualTo(320);
      in.readNBytes(320);
      out.write(AudioSocketProtocol.message(AudioSocketProtocol.HANG_UP, new byte[0]).bytes());
      in.readAllBytes();
    }
    assertThat(access.open).hasValue(0);
  }

  @Test
  void anAudioSocketThatIsNoneIsCut() throws Exception {
    serve(PhoneFixture.trunk(Provider.AUDIOSOCKET, ""));
    try (Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), phones.audioSocketPort("office"))) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      assertThat(socket.getInputStream().readAllBytes()).isEmpty();
    }
    assertThat(conversations.opened).isEmpty();
  }

  /** Answers the first audio of a conversation with 40 ms of sound. */
  private void echo(FakeConversations.Conversation conversation) {
    if (conversation.answers++ == 0) {
      conversation.listener.answerStarted(0, null);
      conversation.listener.audio(0, new AudioPiece(0, 0, new byte[4_000], true));
    }
  }

  private void serve(Trunk trunk) throws IOException {
    GatewayContext context = PhoneFixture.context(conversations, access, workers, clock);
    server =
        new JettyServer(
            context.configuration().listen(),
            context.configuration().management(),
            SocketLimits.DEFAULT,
            100,
            workers,
            clock,
            context.metrics());
    phones =
        new PhoneProtocol(
            new PhoneConfiguration(List.of(trunk), AudioSocketConfiguration.LOOPBACK));
    phones.install(server.routes(), context);
    server.start();
  }

  private Peer twilio() throws Exception {
    String url = "ws://127.0.0.1:" + server.port() + "/phone/office/media";
    return socket(
        "/phone/office/media", "X-Twilio-Signature", TwilioSignature.of(TOKEN, url, Map.of()), "");
  }

  private Peer socket(String path, String header, String value, String subprotocol)
      throws Exception {
    Peer peer = new Peer();
    WebSocket.Builder builder = client.newWebSocketBuilder().header(header, value);
    if (!subprotocol.isEmpty()) {
      builder.subprotocols(subprotocol);
    }
    peer.socket =
        builder.buildAsync(URI.create("ws://127.0.0.1:" + server.port() + path), peer).join();
    return peer;
  }

  private static Map<String, String> form(String call) {
    return new TreeMap<>(Map.of("CallSid", call, "From", "+49<1&2", "AccountSid", "AC1"));
  }

  private HttpResponse<String> post(String path, Map<String, String> form, String signature)
      throws Exception {
    String url = "http://127.0.0.1:" + server.port() + path;
    String signed =
        signature == null
            ? TwilioSignature.of(
                TOKEN,
                url,
                form.entrySet().stream()
                    .collect(Collectors.toMap(Map.Entry::getKey, e -> List.of(e.getValue()))))
            : signature;
    String body =
        form.entrySet().stream()
            .map(e -> e.getKey() + "=" + URLEncoder.encode(e.getValue(), StandardCharsets.UTF_8))
            .collect(Collectors.joining("&"));
    return client.send(
        HttpRequest.newBuilder(URI.create(url))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("X-Twilio-Signature", signed)
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> get(String path) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private void isUnauthorized(Throwable failure) {
    assertThat(failure).isInstanceOf(CompletionException.class);
    assertThat(((WebSocketHandshakeException) failure.getCause()).getResponse().statusCode())
        .isEqualTo(401);
  }

  /** The provider's end of a WebSocket. */
  private static final class Peer implements WebSocket.Listener {
    private final BlockingQueue<Object> received = new LinkedBlockingQueue<>();
    private final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private final StringBuilder partial = new StringBuilder();
    private WebSocket socket;

    private void send(String text) throws Exception {
      socket.sendText(text, true).get(10, TimeUnit.SECONDS);
    }

    private String text() throws InterruptedException {
      return (String) received.poll(10, TimeUnit.SECONDS);
    }

    private byte[] binary() throws InterruptedException {
      return (byte[]) received.poll(10, TimeUnit.SECONDS);
    }

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      partial.append(data);
      if (last) {
        received.add(partial.toString());
        partial.setLength(0);
      }
      from.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
      byte[] bytes = new byte[data.remaining()];
      data.get(bytes);
      received.add(bytes);
      from.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
      closed.complete(code);
      return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
      closed.completeExceptionally(error);
    }
  }
}
