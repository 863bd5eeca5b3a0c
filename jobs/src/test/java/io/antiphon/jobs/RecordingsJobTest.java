package io.antiphon.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.antiphon.configuration.InvalidConfigurationException;
import io.antiphon.jobs.configuration.RecordingsConfiguration;
import io.antiphon.jobs.configuration.TranscriptionConfiguration;
import io.antiphon.operators.message.InboundRecord;
import io.antiphon.schemas.AudioChunk;
import io.antiphon.schemas.ConversationEnded;
import io.antiphon.schemas.ConversationEvent;
import io.antiphon.schemas.ConversationStarted;
import io.antiphon.schemas.Participant;
import io.antiphon.serde.Records;
import io.antiphon.serde.recording.WaveWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.file.src.FileSourceSplit;
import org.apache.flink.connector.file.src.reader.BulkFormat;
import org.apache.flink.connector.file.src.util.CheckpointedPosition;
import org.apache.flink.connector.file.src.util.RecordAndPosition;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Recordings as records of calls, and the jobs that need no rules from a topic. */
class RecordingsJobTest {
  private static final long CHANGED = 1_800_000_000_000L;
  private static final int RATE = 8_000;

  @TempDir private Path folder;

  private RecordedCallFormat format() {
    return new RecordedCallFormat(List.of(folder.toString()), List.of("AGENT", "CUSTOMER"));
  }

  private Path recording(String name, int channels, int millis) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    try (WaveWriter writer = WaveWriter.create(file, RATE, channels)) {
      float[] samples = new float[channels * RATE / 1000 * millis];
      for (int i = 0; i < samples.length; i++) {
        samples[i] = (float) Math.sin(i);
      }
      writer.write(samples);
    }
    return file;
  }

  private static List<Tuple2<InboundRecord, String>> read(
      RecordedCallFormat format, Path file, long told) throws IOException {
    org.apache.flink.core.fs.Path path = new org.apache.flink.core.fs.Path(file.toUri());
    long length = Files.size(file);
    CheckpointedPosition position =
        told == 0 ? null : new CheckpointedPosition(CheckpointedPosition.NO_OFFSET, told);
    FileSourceSplit split =
        new FileSourceSplit("1", path, 0, length, CHANGED, length, new String[0], position);
    List<Tuple2<InboundRecord, String>> records = new ArrayList<>();
    try (BulkFormat.Reader<Tuple2<InboundRecord, String>> reader =
        told == 0
            ? format.createReader(new Configuration(), split)
            : format.restoreReader(new Configuration(), split)) {
      for (BulkFormat.RecordIterator<Tuple2<InboundRecord, String>> batch = reader.readBatch();
          batch != null;
          batch = reader.readBatch()) {
        for (RecordAndPosition<Tuple2<InboundRecord, String>> next = batch.next();
            next != null;
            next = batch.next()) {
          records.add(next.getRecord());
          assertThat(next.getRecordSkipCount()).isEqualTo(told + records.size());
        }
        batch.releaseBatch();
      }
    }
    return records;
  }

  private static ConversationEvent event(Tuple2<InboundRecord, String> record) throws Exception {
    assertThat(record.f1).isEmpty();
    return Records.decode(ConversationEvent.class, record.f0.value(), 1 << 20);
  }

  @Test
  void aRecordingBecomesTheRecordsOfALiveCall() throws Exception {
    Path file = recording("monday/one.wav", 2, 1250);
    List<Tuple2<InboundRecord, String>> records = read(format(), file, 0);
    assertThat(records).hasSize(1 + 2 * 13 + 1);
    for (int i = 0; i < records.size(); i++) {
      ConversationEvent event = event(records.get(i));
      assertThat(event.getConversationId()).isEqualTo("monday/one");
      assertThat(event.getSequence()).isEqualTo(i);
      assertThat(event.getTime()).isEqualTo(CHANGED);
      assertThat(new String(records.get(i).f0.key(), StandardCharsets.UTF_8))
          .isEqualTo("monday/one");
    }
    ConversationStarted started = (ConversationStarted) event(records.get(0)).getBody();
    assertThat(started.getParticipants())
        .containsExactly(new Participant("", "AGENT", 0), new Participant("", "CUSTOMER", 1));
    assertThat(started.getInputFormat().getSampleRate()).isEqualTo(RATE);
    AudioChunk second = (AudioChunk) event(records.get(2)).getBody();
    assertThat(second.getChannel()).isEqualTo(1);
    assertThat(second.getBytes().remaining()).isEqualTo(2 * RATE / 10);
    assertThat(event(records.get(records.size() - 1)).getBody())
        .isInstanceOf(ConversationEnded.class);
  }

  @Test
  void aReaderThatIsRestoredGoesOn() throws Exception {
    Path file = recording("one.wav", 2, 5000);
    List<Tuple2<InboundRecord, String>> whole = read(format(), file, 0);
    for (int told = 1; told <= whole.size(); told += 7) {
      List<Tuple2<InboundRecord, String>> rest = read(format(), file, told);
      assertThat(rest).hasSize(whole.size() - told);
      for (int i = 0; i < rest.size(); i++) {
        assertThat(rest.get(i).f0.value()).isEqualTo(whole.get(told + i).f0.value());
      }
    }
  }

  @Test
  void whatCannotBeReadComesWithTheReason() throws Exception {
    Path text = Files.writeString(folder.resolve("notes.txt"), "no recording at all, only text");
    assertThat(read(format(), text, 0)).singleElement().satisfies(RecordingsJobTest::refused);
    assertThat(read(format(), recording("three.wav", 3, 200), 0))
        .singleElement()
        .satisfies(
            record -> assertThat(record.f1).contains("3 channels; expected one for each of two"));
    assertThat(read(format(), recording("none.wav", 2, 0), 0))
        .singleElement()
        .satisfies(record -> assertThat(record.f1).contains("none.wav"));
    List<Tuple2<InboundRecord, String>> mono = read(format(), recording("mono.wav", 1, 100), 0);
    assertThat(((ConversationStarted) event(mono.get(0)).getBody()).getParticipants())
        .containsExactly(new Participant("", "UNKNOWN", 0));
  }

  /** Roles, begin and attributes of a call stand beside its recording. */
  @Test
  void aSidecarSaysWhoIsWho() throws Exception {
    Path file = recording("one.wav", 2, 100);
    Files.writeString(
        folder.resolve("one.wav.json"),
        "{\"tenant\": \"bank\", \"startedAt\": \"2026-11-02T08:30:00Z\", \"participants\": ["
            + "{\"role\": \"CUSTOMER\", \"channel\": 0},"
            + "{\"participantId\": \"a-3\", \"role\": \"AGENT\", \"channel\": 1}],"
            + "\"attributes\": {\"queue\": \"cards\"}}");
    ConversationStarted started =
        (ConversationStarted) event(read(format(), file, 0).get(0)).getBody();
    assertThat(started.getTenant()).isEqualTo("bank");
    assertThat(started.getStartedAt()).isEqualTo(Instant.parse("2026-11-02T08:30:00Z"));
    assertThat(started.getAttributes()).isEqualTo(Map.of("queue", "cards"));
    assertThat(started.getParticipants())
        .containsExactly(new Participant("", "CUSTOMER", 0), new Participant("a-3", "AGENT", 1));
    assertThat(
            RecordingsJob.enumerator()
                .enumerateSplits(
                    new org.apache.flink.core.fs.Path[] {
                      new org.apache.flink.core.fs.Path(folder.toUri())
                    },
                    1))
        .as("a sidecar is no recording")
        .extracting(split -> split.path().getName())
        .containsExactly("one.wav");
  }

  /** A copy was changed at another time, and its call began when it did. */
  @Test
  void aSidecarThatSaysWhenTheCallBeganDecidesInsteadOfTheFilesTime() throws Exception {
    Path file = recording("one.wav", 2, 1000);
    Path sidecar =
        Files.writeString(
            folder.resolve("one.wav.json"), "{\"startedAt\": \"2026-11-02T08:30:00.250Z\"}");
    long begin = Instant.parse("2026-11-02T08:30:00.250Z").toEpochMilli();
    for (int told : List.of(0, 5)) {
      List<Tuple2<InboundRecord, String>> records = read(format(), file, told);
      assertThat(records).hasSize(22 - told);
      for (Tuple2<InboundRecord, String> record : records) {
        assertThat(event(record).getTime()).isEqualTo(begin);
        assertThat(record.f0.timestamp()).isEqualTo(begin);
      }
    }
    Files.writeString(sidecar, "{\"tenant\": \"bank\"}");
    assertThat(event(read(format(), file, 0).get(0)).getTime())
        .as("a sidecar that does not say it")
        .isEqualTo(CHANGED);
    for (String wrong : List.of("1969-12-31T23:59:59Z", "+1000000000-12-31T23:59:59.999Z")) {
      Files.writeString(sidecar, "{\"startedAt\": \"" + wrong + "\"}");
      assertThat(read(format(), file, 0))
          .singleElement()
          .satisfies(
              record ->
                  assertThat(record.f1)
                      .contains("startedAt is \"" + wrong + "\", expected a time from 1970"));
    }
  }

  /** Wrong roles would be worse than no figures: the recording is refused with every reason. */
  @Test
  void aSidecarThatCannotBeUsedRefusesItsRecording() throws Exception {
    Path file = recording("one.wav", 2, 100);
    Path sidecar = folder.resolve("one.wav.json");
    Files.writeString(
        sidecar,
        "{\"tenannt\": \"bank\", \"startedAt\": \"today\", \"attributes\": {\"queue\": 7},"
            + "\"participants\": [{\"channel\": \"left\"}, 3]}");
    assertThat(read(format(), file, 0))
        .singleElement()
        .satisfies(
            record ->
                assertThat(record.f1)
                    .contains("one.wav.json")
                    .contains("tenannt is unknown, expected one of [attributes, ")
                    .contains("startedAt is \"today\"")
                    .contains("attributes.queue is 7, expected a text")
                    .contains("participants[0].channel is \"left\", expected 0 or 1")
                    .contains("participants[0].role is missing")
                    .contains("participants[1] is NUMBER"));
    for (String wrong : List.of("{", "[]", "{} {}", "{\"a\": 1, \"a\": 2}", " ".repeat(70_000))) {
      Files.writeString(sidecar, wrong);
      assertThat(read(format(), file, 0))
          .as(wrong)
          .singleElement()
          .satisfies(record -> assertThat(record.f1).contains("one.wav.json"));
    }
  }

  private static void refused(Tuple2<InboundRecord, String> record) {
    assertThat(record.f1).contains("notes.txt");
    assertThat(record.f0.value()).isNull();
  }

  @Test
  void everyProblemOfTheConfigurationIsTold() {
    assertThatThrownBy(
            () ->
                RecordingsConfiguration.read(
                    Optional.empty(),
                    Map.of(
                        "recordings.folders", "",
                        "recordings.watch", "5ms",
                        "recordings.channels", "AGENT,AGENT",
                        "topics.callMetrics", "call-events")))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageContaining("recordings.folders")
        .hasMessageContaining("recordings.watch")
        .hasMessageContaining("two different roles")
        .hasMessageContaining("topics.callMetrics");
    assertThatThrownBy(() -> RecordingsJob.main(new String[] {"recordings.yaml"}))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> TranscriptionJob.main(new String[] {"transcription.yaml"}))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void everyOperatorHasAUid() throws Exception {
    Files.setLastModifiedTime(recording("one.wav", 2, 100), FileTime.fromMillis(CHANGED));
    StreamExecutionEnvironment recordings = StreamExecutionEnvironment.getExecutionEnvironment();
    RecordingsConfiguration configuration =
        RecordingsConfiguration.read(
            Optional.empty(), Map.of("recordings.folders", folder.toString()));
    RecordingsJob.define(recordings, configuration, "");
    assertThat(recordings.getStreamGraph(false).getStreamNodes())
        .extracting(StreamNode::getTransformationUID)
        .contains(
            "recordings", "readable", "antiphon-call-rules", "antiphon-calls", "call-metrics");
    assertThatThrownBy(() -> RecordingsJob.define(recordings, configuration, "{}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("recordings.rules cannot be used");
    StreamExecutionEnvironment transcription = StreamExecutionEnvironment.getExecutionEnvironment();
    TranscriptionJob.define(
        transcription, TranscriptionConfiguration.read(Optional.empty(), Map.of()));
    assertThat(transcription.getStreamGraph(false).getStreamNodes())
        .extracting(StreamNode::getTransformationUID)
        .contains("audio-chunks", "antiphon-call-rules", "antiphon-calls", "transcripts");
  }
}
