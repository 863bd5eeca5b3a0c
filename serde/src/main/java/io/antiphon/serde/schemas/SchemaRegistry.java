package io.antiphon.serde.schemas;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaParser;
import org.jspecify.annotations.Nullable;

/**
 * A client of a schema registry that speaks Confluent's REST interface (Confluent, Karapace, and
 * Apicurio under {@code /apis/ccompat/v7}): two calls, each answer kept for good. A schema that the
 * registry does not have is not asked for again within five seconds. Thread safe.
 *
 * <p>User and password may stand in the address ({@code https://user:password@host}); no message
 * shows them.
 */
public final class SchemaRegistry {
  /** The registry cannot be reached, or does not answer as it should. */
  public static final class RegistryException extends IOException {
    private static final long serialVersionUID = 1L;

    RegistryException(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String MEDIA_TYPE = "application/vnd.schemaregistry.v1+json";
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final int NOT_FOUND = 404;
  private static final int MAXIMUM_KEPT = 4096;

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
  private final URI address;
  private final @Nullable String authorization;
  private final Map<Integer, Schema> schemas = new ConcurrentHashMap<>();
  private final Map<Integer, Long> missing = new ConcurrentHashMap<>();
  private final Map<String, Integer> ids = new ConcurrentHashMap<>();

  /**
   * Asks nothing yet.
   *
   * @throws IllegalArgumentException when it is no http or https address
   */
  public SchemaRegistry(URI address) {
    String scheme = address.getScheme();
    if (!("http".equals(scheme) || "https".equals(scheme)) || address.getHost() == null) {
      throw new IllegalArgumentException(
          "the schema registry's address has scheme '"
              + scheme
              + "' and host '"
              + address.getHost()
              + "'; expected http://host:port or https://host:port");
    }
    String path = address.getPath() == null ? "" : address.getPath().replaceAll("/+$", "");
    this.address =
        URI.create(
            scheme
                + "://"
                + address.getHost()
                + (address.getPort() < 0 ? "" : ":" + address.getPort())
                + path);
    this.authorization =
        address.getUserInfo() == null
            ? null
            : "Basic "
                + Base64.getEncoder()
                    .encodeToString(address.getUserInfo().getBytes(StandardCharsets.UTF_8));
  }

  /**
   * The schema that a registry's id stands for.
   *
   * @return none when the registry does not have it, or it is no Avro schema
   */
  public Optional<Schema> schema(int id) throws RegistryException {
    Schema known = schemas.get(id);
    if (known != null) {
      return Optional.of(known);
    }
    Long asked = missing.get(id);
    if (asked != null && System.nanoTime() - asked < TIMEOUT.toNanos()) {
      return Optional.empty();
    }
    Optional<Schema> found =
        call(request("/schemas/ids/" + id).GET().build()).flatMap(SchemaRegistry::parse);
    if (found.isPresent()) {
      bounded(schemas).put(id, found.get());
    } else {
      bounded(missing).put(id, System.nanoTime());
    }
    return found;
  }

  /**
   * The id of a schema under a subject; registers it where it is new.
   *
   * @param subject for values of a topic its name and {@code -value}
   */
  public int register(String subject, Schema schema) throws RegistryException {
    String kept = subject + '\n' + schema.getFullName();
    Integer known = ids.get(kept);
    if (known != null) {
      return known;
    }
    ObjectNode body = JSON.createObjectNode().put("schemaType", "AVRO");
    body.put("schema", schema.toString());
    String path = "/subjects/" + URLEncoder.encode(subject, StandardCharsets.UTF_8) + "/versions";
    JsonNode answer =
        call(request(path).POST(HttpRequest.BodyPublishers.ofString(body.toString())).build())
            .orElseThrow(() -> failed(path, "there is no such call", null));
    if (!answer.path("id").isInt()) {
      throw failed(path, "the answer has no id", null);
    }
    int id = answer.get("id").asInt();
    bounded(ids).put(kept, id);
    return id;
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(address + path))
            .timeout(TIMEOUT)
            .header("Accept", MEDIA_TYPE)
            .header("Content-Type", MEDIA_TYPE);
    return authorization == null ? request : request.header("Authorization", authorization);
  }

  /** The answer; none for what is not found. */
  private Optional<JsonNode> call(HttpRequest request) throws RegistryException {
    String path = request.uri().getPath();
    try {
      HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
      if (response.statusCode() == NOT_FOUND) {
        return Optional.empty();
      }
      if (response.statusCode() != 200) {
        throw failed(path, "status " + response.statusCode() + " " + reason(response.body()), null);
      }
      return Optional.of(JSON.readTree(response.body()));
    } catch (JsonProcessingException e) {
      throw failed(path, "the answer is no JSON", e);
    } catch (RegistryException e) {
      throw e;
    } catch (IOException e) {
      throw failed(path, e.getClass().getSimpleName() + " " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failed(path, "interrupted", e);
    }
  }

  private static String reason(String body) {
    try {
      return JSON.readTree(body).path("message").asText("");
    } catch (JsonProcessingException e) {
      return "";
    }
  }

  private RegistryException failed(String path, String what, @Nullable Throwable cause) {
    return new RegistryException("schema registry " + address + path + ": " + what.strip(), cause);
  }

  private static Optional<Schema> parse(JsonNode answer) {
    try {
      return Optional.of(new SchemaParser().parse(answer.path("schema").asText()).mainSchema());
    } catch (AvroRuntimeException e) {
      return Optional.empty();
    }
  }

  private static <K, V> Map<K, V> bounded(Map<K, V> map) {
    if (map.size() >= MAXIMUM_KEPT) {
      map.clear();
    }
    return map;
  }
}
