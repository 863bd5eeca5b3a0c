package io.antiphon.jobs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.antiphon.schemas.Participant;
import io.antiphon.serde.recording.RecordingException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.flink.core.fs.Path;

/**
 * What a file beside a recording says of the call: that of {@code one.wav} is {@code one.wav.json}.
 *
 * <pre>{@code
 * {"tenant": "bank", "startedAt": "2026-11-02T08:30:00Z",
 *  "participants": [{"role": "CUSTOMER", "channel": 0}, {"participantId": "a-3", "role": "AGENT", "channel": 1}],
 *  "attributes": {"queue": "cards"}}
 * }</pre>
 *
 * Every member may be missing.
 *
 * @param startedAt media time 0; none where it is not known
 * @param participants those that are told; none: the configured roles
 */
record RecordingSidecar(
    String tenant,
    Optional<Instant> startedAt,
    List<Participant> participants,
    Map<String, String> attributes) {
  static final String EXTENSION = ".json";

  private static final RecordingSidecar NONE =
      new RecordingSidecar("", Optional.empty(), List.of(), Map.of());
  private static final Instant END = Instant.parse("+10000-01-01T00:00:00Z");
  private static final int MOST_BYTES = 1 << 16;
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /**
   * What stands beside a recording; nothing said where there is no such file.
   *
   * @throws RecordingException with everything that is wrong with it
   * @throws IOException when the file system fails
   */
  static RecordingSidecar of(Path recording) throws IOException {
    Path file = new Path(recording.getParent(), recording.getName() + EXTENSION);
    byte[] bytes;
    try (InputStream in = file.getFileSystem().open(file)) {
      bytes = in.readNBytes(MOST_BYTES + 1);
    } catch (FileNotFoundException e) {
      return NONE;
    }
    if (bytes.length > MOST_BYTES) {
      throw new RecordingException(file + " has more than " + MOST_BYTES + " bytes");
    }
    JsonNode root;
    try {
      root = JSON.readTree(bytes);
    } catch (JsonProcessingException e) {
      throw new RecordingException(file + " is no JSON: " + e.getOriginalMessage(), e);
    }
    List<String> problems = new ArrayList<>();
    RecordingSidecar sidecar = read(root, problems);
    if (!problems.isEmpty()) {
      throw new RecordingException(file + ": " + String.join("; ", problems));
    }
    return sidecar;
  }

  private static RecordingSidecar read(JsonNode root, List<String> problems) {
    if (!root.isObject()) {
      problems.add("it is " + root.getNodeType() + ", expected an object");
      return NONE;
    }
    known(root, "", Set.of("tenant", "startedAt", "participants", "attributes"), problems);
    Optional<Instant> startedAt = Optional.empty();
    String time = text(root, "", "startedAt", problems);
    if (!time.isEmpty()) {
      startedAt = begin(time);
      if (startedAt.isEmpty()) {
        problems.add(
            "startedAt is \""
                + time
                + "\", expected a time from 1970 to 9999 such as 2026-11-02T08:30:00Z");
      }
    }
    List<Participant> participants = new ArrayList<>();
    JsonNode all = root.path("participants");
    if (!all.isMissingNode() && !all.isArray()) {
      problems.add("participants is " + all.getNodeType() + ", expected an array");
    }
    for (JsonNode each : all) {
      participants.add(participant(each, "participants[" + participants.size() + "]", problems));
    }
    Map<String, String> attributes = new TreeMap<>();
    JsonNode told = root.path("attributes");
    if (!told.isMissingNode() && !told.isObject()) {
      problems.add("attributes is " + told.getNodeType() + ", expected an object");
    }
    told.fieldNames()
        .forEachRemaining(name -> attributes.put(name, text(told, "attributes.", name, problems)));
    return new RecordingSidecar(
        text(root, "", "tenant", problems), startedAt, participants, attributes);
  }

  /** None where it is no time, or one that records cannot hold. */
  private static Optional<Instant> begin(String time) {
    try {
      return Optional.of(Instant.parse(time))
          .filter(begin -> !begin.isBefore(Instant.EPOCH) && begin.isBefore(END));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  private static Participant participant(JsonNode node, String name, List<String> problems) {
    if (!node.isObject()) {
      problems.add(name + " is " + node.getNodeType() + ", expected an object");
      return new Participant();
    }
    String prefix = name + ".";
    known(node, prefix, Set.of("participantId", "role", "channel"), problems);
    JsonNode channel = node.path("channel");
    if (!channel.isInt()) {
      problems.add(prefix + "channel is " + told(channel) + ", expected 0 or 1");
    }
    if (!node.has("role")) {
      problems.add(prefix + "role is missing, expected a role such as CUSTOMER");
    }
    return new Participant(
        text(node, prefix, "participantId", problems),
        text(node, prefix, "role", problems),
        channel.asInt());
  }

  private static void known(
      JsonNode node, String prefix, Set<String> names, List<String> problems) {
    node.fieldNames()
        .forEachRemaining(
            name -> {
              if (!names.contains(name)) {
                problems.add(
                    prefix
                        + name
                        + " is unknown, expected one of "
                        + names.stream().sorted().toList());
              }
            });
  }

  private static String text(JsonNode node, String prefix, String name, List<String> problems) {
    JsonNode value = node.path(name);
    if (!value.isMissingNode() && !value.isTextual()) {
      problems.add(prefix + name + " is " + told(value) + ", expected a text");
    }
    return value.isTextual() ? value.textValue() : "";
  }

  private static String told(JsonNode value) {
    return value.isMissingNode() ? "missing" : value.toString();
  }
}
