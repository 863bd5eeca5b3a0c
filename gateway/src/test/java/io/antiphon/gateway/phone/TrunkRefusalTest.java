package io.antiphon.gateway.phone;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.gateway.Forgeries;
import io.antiphon.gateway.GatewayContext;
import io.antiphon.gateway.Handshake;
import io.antiphon.gateway.configuration.AudioSocketConfiguration;
import io.antiphon.gateway.configuration.TrunkConfiguration.Provider;
import io.antiphon.gateway.conversation.TurnTaking;
import io.antiphon.gateway.phone.PhoneFixture.FakeAccess;
import io.antiphon.gateway.security.Hashes;
import io.antiphon.gateway.server.JettyServer;
import io.antiphon.gateway.server.SocketLimits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Counts which calls are refused of those that a trunk's provider has not sent. */
class TrunkRefusalTest {
  private static final String TOKEN = "12345-auth-token";
  private static final String KEY = "trunk-key";
  private static final Map<String, List<String>> FORM =
      Map.of("CallSid", List.of("CA1"), "From", List.of("+491"), "To", List.of("+492"));
  private static final String BODY = "CallSid=CA1&From=%2B491&To=%2B492";
  private static final List<Provider> WITH_KEYS =
      List.of(Provider.TELNYX, Provider.VONAGE, Provider.GENESYS, Provider.ASTERISK);

  private final ExecutorService workers = Executors.newFixedThreadPool(2);
  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
  private final FakeConversations conversations = new FakeConversations();
  private final FakeAccess access = new FakeAccess(0);
  private final List<String> letIn = new ArrayList<>();
  private int refused;
  private JettyServer server;
  private PhoneProtocol phones;

  private static Trunk trunk(Provider provider) {
    return new Trunk(
        provider.name().toLowerCase(Locale.ROOT),
        provider,
        "tenant",
        provider == Provider.TWILIO ? TOKEN : Hashes.sha256(KEY),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        TurnTaking.AUTOMATIC);
  }

  @BeforeEach
  void start() throws IOException {
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
    List<Trunk> trunks = new ArrayList<>();
    for (Provider provider : Provider.values()) {
      trunks.add(trunk(provider));
    }
    phones =
        new PhoneProtocol(
            new PhoneConfiguration(
                trunks, new AudioSocketConfiguration("127.0.0.1", 0, List.of("192.0.2.1"))));
    phones.install(server.routes(), context);
    server.start();
  }

  @AfterEach
  void stop() throws IOException {
    phones.close();
    server.close();
    clock.shutdownNow();
    workers.shutdownNow();
  }

  private void count(int status, String what) {
    if (status == 401) {
      refused++;
    } else {
      letIn.add(status + " " + what);
    }
  }

  private void allRefused(String what) {
    System.out.printf("%d of %d %s refused%n", refused, refused + letIn.size(), what);
    assertThat(letIn).isEmpty();
    assertThat(refused).isPositive();
    assertThat(conversations.opened).isEmpty();
    assertThat(access.open).hasValue(0);
  }

  private int webhook(String path, String signature, String body) throws IOException {
    return Handshake.request(
        server.port(),
        "POST",
        path,
        List.of(
            "X-Twilio-Signature: " + signature, "Content-Type: application/x-www-form-urlencoded"),
        body);
  }

  private int media(String signature) throws IOException {
    return Handshake.webSocket(
        server.port(), "/phone/twilio/media", List.of("X-Twilio-Signature: " + signature));
  }

  @Test
  void everyWrongSignatureOfTwilioIsRefused() throws Exception {
    String host = "127.0.0.1:" + server.port();
    String socket = "ws://" + host + "/phone/twilio/media";
    assertThat(media(TwilioSignature.of(TOKEN, socket, Map.of()))).isEqualTo(101);
    for (String signature : signatures("ws", host, "/phone/twilio/media", Map.of())) {
      count(media(signature), "media " + signature);
    }
    count(Handshake.webSocket(server.port(), "/phone/twilio/media", List.of()), "media, unsigned");
    count(
        Handshake.webSocket(
            server.port(),
            "/phone/twilio/media?key=" + TOKEN,
            List.of("X-API-KEY: " + TOKEN, "Authorization: Bearer " + TOKEN)),
        "media, with the token instead of a signature");
    for (String path : List.of("/phone/twilio/voice", "/phone/twilio/action")) {
      String right = TwilioSignature.of(TOKEN, "http://" + host + path, FORM);
      assertThat(webhook(path, right, BODY)).isEqualTo(200);
      for (String signature : signatures("http", host, path, FORM)) {
        count(webhook(path, signature, BODY), path + " " + signature);
      }
      for (String body :
          List.of(
              "",
              "CallSid=CA1&From=%2B491",
              BODY + "&Digits=1",
              BODY + "&To=%2B493",
              BODY.replace("491", "499"),
              BODY.replace("From", "from"),
              "{\"CallSid\":\"CA1\"}")) {
        count(webhook(path, right, body), path + " with the body " + body);
      }
      count(webhook(path + "?x=1", right, BODY), path + " with a query");
      String other = path.endsWith("voice") ? "/phone/twilio/action" : "/phone/twilio/voice";
      count(webhook(other, right, BODY), "the signature of " + path + " at " + other);
      count(media(right), "the signature of " + path + " at media");
    }
    allRefused("wrong signatures");
  }

  private static List<String> signatures(
      String scheme, String host, String path, Map<String, List<String>> form) {
    String url = scheme + "://" + host + path;
    List<String> all = new ArrayList<>(Forgeries.of(TwilioSignature.of(TOKEN, url, form)));
    for (String token : Forgeries.of(TOKEN)) {
      if (!token.isEmpty()) { // Java makes no key of nothing.
        all.add(TwilioSignature.of(token, url, form));
      }
    }
    for (String other :
        List.of(
            "ftp://" + host + path,
            scheme + "://example.org" + path,
            scheme + "://127.0.0.1:1" + path,
            url + "/",
            url + "?x=1",
            url.replace("twilio", "telnyx"),
            "")) {
      all.add(TwilioSignature.of(TOKEN, other, form));
    }
    all.add(TwilioSignature.of(TOKEN, url, Map.of("AccountSid", List.of("AC1"))));
    return all;
  }

  @Test
  void everyWrongKeyOfTheOtherProvidersIsRefused() throws Exception {
    for (Provider provider : WITH_KEYS) {
      // A ticket holds for a minute: the right one is made when it is tried.
      long now = System.currentTimeMillis() / 1000;
      Trunk trunk = trunk(provider);
      String path = "/phone/" + trunk.name() + "/media";
      for (List<String> right :
          List.of(
              List.of("X-API-KEY: " + KEY),
              List.of("Authorization: Bearer " + KEY),
              List.of("Authorization: Basic " + base64("antiphon:" + KEY)))) {
        assertThat(Handshake.webSocket(server.port(), path, right)).isEqualTo(101);
      }
      assertThat(
              Handshake.webSocket(
                  server.port(), path + "?ticket=" + TrunkKey.ticket(trunk, now), List.of()))
          .isEqualTo(101);
      List<String> wrong = new ArrayList<>(Forgeries.of(KEY));
      wrong.add(trunk.secret());
      wrong.add(TOKEN);
      for (String key : wrong) {
        attempt(path, List.of("X-API-KEY: " + key));
        attempt(path, List.of("Authorization: Bearer " + key));
        attempt(path, List.of("Authorization: Basic " + base64("antiphon:" + key)));
        if (key.matches("[A-Za-z0-9-]*")) {
          attempt(path + "?key=" + key, List.of());
        }
      }
      attempt(path, List.of());
      attempt(path, List.of("Authorization: Basic " + KEY));
      attempt(path, List.of("Authorization: " + KEY));
      attempt(path, List.of("Cookie: key=" + KEY));
      attempt(path + "?Key=" + KEY, List.of());
      // The first that is brought is the one that counts.
      attempt(path + "?key=" + KEY, List.of("X-API-KEY: x"));
      attempt(path, List.of("X-API-KEY: x", "Authorization: Bearer " + KEY));
      List<String> tickets = new ArrayList<>(Forgeries.of(TrunkKey.ticket(trunk, now)));
      tickets.add(TrunkKey.ticket(trunk, now - 120));
      tickets.add(TrunkKey.ticket(trunk, now + 600));
      for (Provider other : Provider.values()) {
        if (other != provider) {
          tickets.add(TrunkKey.ticket(trunk(other), now));
        }
      }
      for (String ticket : tickets) {
        if (ticket.matches("[A-Za-z0-9._-]*")) {
          attempt(path + "?ticket=" + ticket, List.of("X-API-KEY: " + KEY));
        }
      }
    }
    for (String key : Forgeries.of(KEY)) {
      if (key.matches("[A-Za-z0-9-]*")) {
        String target = "/phone/vonage/answer?from=49&to=1&uuid=v1&key=" + key;
        count(Handshake.request(server.port(), "GET", target, List.of(), ""), target);
        count(Handshake.request(server.port(), "POST", target, List.of(), "{}"), target);
      }
    }
    allRefused("wrong keys of trunks");
  }

  @Test
  void anAudioSocketFromElsewhereIsClosedUnheard() throws Exception {
    for (int i = 0; i < 100; i++) {
      try (Socket socket =
          new Socket(InetAddress.getLoopbackAddress(), phones.audioSocketPort("audiosocket"))) {
        socket.setSoTimeout(20_000);
        assertThat(socket.getInputStream().read()).isEqualTo(-1);
        refused++;
      }
    }
    allRefused("AudioSockets of strangers");
  }

  private void attempt(String target, List<String> headers) throws IOException {
    count(Handshake.webSocket(server.port(), target, headers), target + " " + headers);
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
