package io.antiphon.serde.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.antiphon.schemas.TextDelta;
import io.antiphon.schemas.TextResponse;
import io.antiphon.serde.RecordDecodingException;
import io.antiphon.serde.Records;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Against a server made here, which implements the two documented calls of Confluent's REST
 * interface; no registry of a vendor was run.
 */
class ConfluentEncodingTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int LIMIT = Records.DEFAULT_MAXIMUM_BYTES;
  private static final TextResponse RECORD =
      new TextResponse("c", 1, 2L, new TextDelta("grüß", 40L));

  private final List<String> schemas = Collections.synchronizedList(new ArrayList<>());
  private final List<String> calls = Collections.synchronizedList(new ArrayList<>());
  private HttpServer server;
  private String authorization;
  private int status = 200;

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      calls.add(exchange.getRequestMethod() + " " + path);
      authorization = exchange.getRequestHeaders().getFirst("Authorization");
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      String answer;
      int code = status;
      if (path.startsWith("/subjects/")) {
        String schema = JSON.readTree(body).get("schema").asText();
        if (!schemas.contains(schema)) {
          schemas.add(schema);
        }
        answer = JSON.createObjectNode().put("id", schemas.indexOf(schema) + 1).toString();
      } else {
        int id = Integer.parseInt(path.substring("/schemas/ids/".length()));
        if (id < 1 || id > schemas.size()) {
          code = 404;
          answer = "{\"error_code\": 40403, \"message\": \"Schema not found\"}";
        } else {
          answer = JSON.createObjectNode().put("schema", schemas.get(id - 1)).toString();
        }
      }
      if (status != 200) {
        code = status;
        answer = "{\"error_code\": 50001, \"message\": \"Error in the backend\"}";
      }
      byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(code, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  private ConfluentEncoding encoding(String userInfo) {
    return new ConfluentEncoding(
        new SchemaRegistry(
            URI.create("http://" + userInfo + "127.0.0.1:" + server.getAddress().getPort() + "/")));
  }

  @Test
  void aRecordComesBackAndEachSchemaIsAskedForOnce() throws Exception {
    ConfluentEncoding writer = encoding("");
    byte[] value = writer.encode("text-responses", RECORD, LIMIT);
    assertThat(value).startsWith(0, 0, 0, 0, 1);
    assertThat(writer.encode("text-responses", RECORD, LIMIT)).isEqualTo(value);
    ConfluentEncoding reader = encoding("");
    for (int i = 0; i < 3; i++) {
      assertThat(reader.decode(TextResponse.class, value, LIMIT)).isEqualTo(RECORD);
    }
    assertThat(calls)
        .containsExactly("POST /subjects/text-responses-value/versions", "GET /schemas/ids/1");
  }

  @Test
  void aSchemaThatTheRegistryDoesNotHaveIsUnknownAndNotAskedForAgainAtOnce() {
    ConfluentEncoding reader = encoding("");
    byte[] value = ByteBuffer.allocate(9).put((byte) 0).putInt(7).array();
    for (int i = 0; i < 3; i++) {
      assertThat(failure(reader, value).code()).isEqualTo(RecordDecodingException.UNKNOWN_VERSION);
    }
    assertThat(calls).containsExactly("GET /schemas/ids/7");
  }

  @Test
  void aRegistryThatFailsIsToldFromARecordThatIsBad() {
    status = 500;
    ConfluentEncoding reader = encoding("");
    byte[] value = ByteBuffer.allocate(9).put((byte) 0).putInt(7).array();
    RecordDecodingException e = failure(reader, value);
    assertThat(e.code()).isEqualTo(RecordDecodingException.REGISTRY_UNAVAILABLE);
    assertThat(e).hasMessageContaining("status 500 Error in the backend");
    server.stop(0);
    assertThat(failure(reader, value).code())
        .isEqualTo(RecordDecodingException.REGISTRY_UNAVAILABLE);
    assertThatThrownBy(() -> reader.encode("text-responses", RECORD, LIMIT))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("/subjects/text-responses-value/versions");
  }

  @Test
  void anotherFramingIsUndecodable() {
    RecordDecodingException e = failure(encoding(""), Records.encode(RECORD));
    assertThat(e.code()).isEqualTo(RecordDecodingException.UNDECODABLE);
    assertThat(e).hasMessageContaining("do not begin with 00 and a schema's id");
  }

  @Test
  void aPasswordIsSentAndNeverShown() {
    status = 403;
    ConfluentEncoding encoding = encoding("kitchen:secret@");
    assertThatThrownBy(() -> encoding.encode("text-responses", RECORD, LIMIT))
        .hasMessageContaining("status 403")
        .message()
        .doesNotContain("secret");
    assertThat(authorization).isEqualTo("Basic a2l0Y2hlbjpzZWNyZXQ=");
    assertThatThrownBy(() -> new SchemaRegistry(URI.create("ftp://kitchen:secret@host")))
        .isInstanceOf(IllegalArgumentException.class)
        .message()
        .doesNotContain("secret");
  }

  private static RecordDecodingException failure(ConfluentEncoding encoding, byte[] value) {
    RecordDecodingException failure =
        catchThrowableOfType(
            RecordDecodingException.class, () -> encoding.decode(TextResponse.class, value, LIMIT));
    assertThat(failure).isNotNull();
    return failure;
  }
}
