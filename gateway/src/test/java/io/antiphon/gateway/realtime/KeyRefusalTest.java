package io.antiphon.gateway.realtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.gateway.Forgeries;
import io.antiphon.gateway.Handshake;
import io.antiphon.gateway.TestGateway;
import io.antiphon.gateway.security.ClientSecrets;
import io.antiphon.gateway.security.Hashes;
import io.antiphon.gateway.security.Principal;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Counts who is refused of those who bring no key, or a wrong one, or bring it wrongly. */
class KeyRefusalTest {
  private static final String KEY = TestGateway.KEY;

  /** A client secret is long: one of so many forgeries is tried. */
  private static final int FORGED_SECRETS_STEP = 5;

  private static final String PROTOCOLS =
      "Sec-WebSocket-Protocol: realtime, openai-insecure-api-key.";
  private static final Principal ACME = Principal.of("acme", "acme-test");

  private static String secret(String shared, Clock clock) {
    return new ClientSecrets(shared.getBytes(StandardCharsets.UTF_8), clock)
        .make(ACME, "{}", Duration.ofSeconds(600))
        .value();
  }

  /** Header lines of requests of which none may come in. */
  private static List<List<String>> attempts() {
    List<List<String>> all = new ArrayList<>();
    all.add(List.of());
    List<String> secrets = new ArrayList<>(Forgeries.of(KEY));
    // What stands in the configuration opens nothing.
    secrets.addAll(
        List.of(
            Hashes.sha256(KEY), "acme:" + Hashes.sha256(KEY), "acme", "acme-test", "acme:" + KEY));
    secrets.add(TestGateway.SECRET);
    String issued = secret(TestGateway.SECRET, Clock.systemUTC());
    List<String> forged = List.copyOf(Forgeries.of(issued));
    for (int i = 0; i < forged.size(); i += FORGED_SECRETS_STEP) {
      secrets.add(forged.get(i));
    }
    secrets.add(issued.substring(ClientSecrets.PREFIX.length()));
    secrets.add(secret("another secret that is long enough", Clock.systemUTC()));
    secrets.add(
        secret(
            TestGateway.SECRET,
            Clock.fixed(Instant.now().minus(Duration.ofSeconds(602)), ZoneOffset.UTC)));
    secrets.add("ek_eyJhbGciOiJub25lIn0.eyJ0ZW5hbnQiOiJhY21lIn0.");
    secrets.add("eyJhbGciOiJub25lIn0.eyJ0ZW5hbnQiOiJhY21lIn0.");
    for (String wrong : secrets) {
      all.add(List.of("Authorization: Bearer " + wrong));
      if (wrong.matches("[A-Za-z0-9._-]*")) {
        all.add(List.of(PROTOCOLS + wrong));
      }
    }
    String basic = Base64.getEncoder().encodeToString((":" + KEY).getBytes(StandardCharsets.UTF_8));
    for (String line :
        List.of(
            "Authorization: " + KEY,
            "Authorization: Bearer",
            "Authorization: Bearer" + KEY,
            "Authorization: Bearer: " + KEY,
            "Authorization: Token " + KEY,
            "Authorization: ApiKey " + KEY,
            "Authorization: Basic " + KEY,
            "Authorization: Basic " + basic,
            "Authorization: Bearer x Bearer " + KEY,
            "X-Api-Key: " + KEY,
            "Api-Key: " + KEY,
            "Cookie: Authorization=Bearer " + KEY,
            "Sec-WebSocket-Protocol: " + KEY,
            "Sec-WebSocket-Protocol: realtime",
            "Sec-WebSocket-Protocol: openai-insecure-api-key",
            "Sec-WebSocket-Protocol: OPENAI-INSECURE-API-KEY." + KEY)) {
      all.add(List.of(line));
    }
    // The first that is brought is the one that counts.
    all.add(List.of("Authorization: Bearer x", "Authorization: Bearer " + KEY));
    all.add(List.of("Authorization: Bearer x", PROTOCOLS + KEY));
    all.add(List.of(PROTOCOLS + "x, openai-insecure-api-key." + KEY));
    return all;
  }

  @Test
  void everyWrongKeyIsRefusedEverywhere() throws Exception {
    try (HttpGateway gateway = new HttpGateway()) {
      int port = gateway.server.port();
      List<String> right = List.of("Authorization: Bearer " + KEY);
      assertThat(Handshake.webSocket(port, "/v1/realtime", right)).isEqualTo(101);
      assertThat(Handshake.webSocket(port, "/v1/realtime", List.of(PROTOCOLS + KEY)))
          .isEqualTo(101);
      assertThat(Handshake.request(port, "GET", "/v1/models", right, "")).isEqualTo(200);
      int opened = gateway.port.calls.size();
      List<List<String>> attempts = attempts();
      List<String> letIn = new ArrayList<>();
      int refused = 0;
      for (List<String> headers : attempts) {
        for (String[] target :
            new String[][] {
              {"socket", "/v1/realtime?model=nano"},
              {"socket", "/v1/realtime?intent=transcription&key=" + KEY + "&api_key=" + KEY},
              {"GET", "/v1/models"},
              {"GET", "/v1/models/nano"},
              {"POST", "/v1/realtime/client_secrets"},
              {"POST", "/v1/realtime/calls"}
            }) {
          int status =
              target[0].equals("socket")
                  ? Handshake.webSocket(port, target[1], headers)
                  : Handshake.request(port, target[0], target[1], headers, "{}");
          if (status == 401) {
            refused++;
          } else {
            letIn.add(status + " " + target[1] + " " + headers);
          }
        }
      }
      System.out.printf("%d of %d wrong keys refused%n", refused, refused + letIn.size());
      assertThat(letIn).isEmpty();
      assertThat(gateway.port.calls).as("conversations").hasSize(opened);
      assertThat(gateway.count("access.refused")).isEqualTo(refused);
    }
  }
}
