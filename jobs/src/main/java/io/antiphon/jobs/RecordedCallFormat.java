package io.antiphon.jobs;

import io.antiphon.operators.message.InboundRecord;
import io.antiphon.schemas.AudioChunk;
import io.antiphon.schemas.AudioFormat;
import io.antiphon.schemas.ConversationEnded;
import io.antiphon.schemas.ConversationEvent;
import io.antiphon.schemas.ConversationStarted;
import io.antiphon.schemas.Mode;
import io.antiphon.schemas.Participant;
import io.antiphon.serde.Records;
import io.antiphon.serde.audio.SampleCoding;
import io.antiphon.serde.recording.RecordingException;
import io.antiphon.serde.recording.RecordingReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.file.src.FileSourceSplit;
import org.apache.flink.connector.file.src.reader.BulkFormat;
import org.apache.flink.connector.file.src.util.CheckpointedPosition;
import org.apache.flink.connector.file.src.util.RecordAndPosition;
import org.apache.flink.core.fs.Path;
import org.jspecify.annotations.Nullable;

/**
 * Reads a file as the records that its call would have had on {@code audio-chunks}: begin, with
 * what its {@link RecordingSidecar} says, sound of a tenth of a second by channel, end. Each record
 * comes with an empty text; one that stands for what cannot be read comes with the reason. All have
 * the time at which the call began: the sidecar's, or that of the file's last change. A file is
 * read from front to back and never whole in memory; a reader that is restored reads it again and
 * skips what was told.
 */
final class RecordedCallFormat
    implements BulkFormat<Tuple2<InboundRecord, String>, FileSourceSplit> {
  private static final long serialVersionUID = 1L;

  private static final int PIECES_A_SECOND = 10;
  private static final int RECORDS_AT_ONCE = 32;

  /** Role on the only channel of a recording. */
  private static final String UNKNOWN = "UNKNOWN";

  private final List<String> folders;
  private final List<String> roles;

  /**
   * @param folders as they were configured
   * @param roles by channel of a recording of two
   */
  RecordedCallFormat(List<String> folders, List<String> roles) {
    this.folders = List.copyOf(folders);
    this.roles = List.copyOf(roles);
  }

  @Override
  public BulkFormat.Reader<Tuple2<InboundRecord, String>> createReader(
      Configuration configuration, FileSourceSplit split) {
    return new CallReader(split, 0);
  }

  @Override
  public BulkFormat.Reader<Tuple2<InboundRecord, String>> restoreReader(
      Configuration configuration, FileSourceSplit split) {
    long told =
        split.getReaderPosition().map(CheckpointedPosition::getRecordsAfterOffset).orElse(0L);
    return new CallReader(split, told);
  }

  @Override
  public boolean isSplittable() {
    return false;
  }

  @Override
  public TypeInformation<Tuple2<InboundRecord, String>> getProducedType() {
    return Types.TUPLE(InboundRecord.TYPE, Types.STRING);
  }

  /** The path from the folder on, without the extension. */
  String callId(Path file) {
    String path = file.getPath();
    for (String folder : folders) {
      String root = new Path(folder).makeQualified(fileSystem(folder)).getPath() + "/";
      if (path.startsWith(root)) {
        path = path.substring(root.length());
        break;
      }
    }
    int dot = path.lastIndexOf('.');
    return dot > path.lastIndexOf('/') + 1 ? path.substring(0, dot) : path;
  }

  private static org.apache.flink.core.fs.FileSystem fileSystem(String folder) {
    try {
      return new Path(folder).getFileSystem();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** A recording that is being read, with what lies beside it. */
  private static final class OpenedRecording {
    private final RecordingReader reader;
    private final RecordingSidecar sidecar;

    /** What is read next: samples of all channels in turn. */
    private final float[] piece;

    OpenedRecording(RecordingReader reader, RecordingSidecar sidecar) {
      this.reader = reader;
      this.sidecar = sidecar;
      this.piece =
          new float[channels() * Math.max(1, reader.format().sampleRate() / PIECES_A_SECOND)];
    }

    int channels() {
      return reader.format().channels();
    }
  }

  private final class CallReader implements BulkFormat.Reader<Tuple2<InboundRecord, String>> {
    private final FileSourceSplit split;
    private final String id;
    private final Deque<Tuple2<InboundRecord, String>> next = new ArrayDeque<>();
    private @Nullable OpenedRecording opened;

    /** Media time 0: what the sidecar tells, else when the file was last changed. */
    private long zero;

    private long made;
    private long told;
    private boolean over;

    CallReader(FileSourceSplit split, long told) {
      this.split = split;
      this.id = callId(split.path());
      this.zero = split.fileModificationTime();
      this.told = told;
    }

    @Override
    public BulkFormat.@Nullable RecordIterator<Tuple2<InboundRecord, String>> readBatch()
        throws IOException {
      while (!over && next.size() < RECORDS_AT_ONCE) {
        try {
          more();
        } catch (RecordingException e) {
          problem(e.getMessage());
          if (made > 1) {
            event(new ConversationEnded()); // of the call that began
          }
          over = true;
        }
      }
      if (next.isEmpty()) {
        return null;
      }
      return new BulkFormat.RecordIterator<>() {
        @Override
        public @Nullable RecordAndPosition<Tuple2<InboundRecord, String>> next() {
          Tuple2<InboundRecord, String> record = next.poll();
          return record == null
              ? null
              : new RecordAndPosition<>(record, CheckpointedPosition.NO_OFFSET, ++told);
        }

        @Override
        public void releaseBatch() {
          // Nothing is pooled.
        }
      };
    }

    private void more() throws IOException {
      OpenedRecording call = opened;
      if (call == null) {
        RecordingSidecar sidecar = RecordingSidecar.of(split.path());
        zero = sidecar.startedAt().map(Instant::toEpochMilli).orElse(zero);
        RecordingReader recording =
            RecordingReader.open(
                split.path().getFileSystem().open(split.path()), split.path().toString());
        call = new OpenedRecording(recording, sidecar);
        opened = call;
        int channels = recording.format().channels();
        if (channels > 2) {
          throw new RecordingException(
              split.path()
                  + " has "
                  + channels
                  + " channels; expected one for each of two parties,"
                  + " or one");
        }
      }
      int channels = call.channels();
      float[] piece = call.piece;
      int frames = call.reader.read(piece);
      if (frames < 0) {
        if (made == 0) {
          throw new RecordingException(
              split.path() + " holds no sound; expected the recording of a call");
        }
        event(new ConversationEnded());
        over = true;
        return;
      }
      if (made == 0) {
        event(started(call));
      }
      for (int channel = 0; channel < channels; channel++) {
        float[] samples = new float[frames];
        for (int i = 0; i < frames; i++) {
          samples[i] = piece[i * channels + channel];
        }
        event(new AudioChunk(ByteBuffer.wrap(SampleCoding.PCM16.encode(samples)), channel, -1L));
      }
    }

    private ConversationStarted started(OpenedRecording call) {
      int channels = call.channels();
      RecordingSidecar sidecar = call.sidecar;
      List<Participant> participants = new ArrayList<>();
      for (int channel = 0; channel < channels; channel++) {
        participants.add(
            new Participant("", channels == 1 ? UNKNOWN : roles.get(channel), channel));
      }
      if (!sidecar.participants().isEmpty()) {
        participants = sidecar.participants();
      }
      return ConversationStarted.newBuilder()
          .setTenant(sidecar.tenant())
          .setStartedAt(sidecar.startedAt().orElse(null))
          .setAttributes(sidecar.attributes())
          .setMode(Mode.TRANSCRIPTION)
          .setInputFormat(new AudioFormat("pcm16", call.reader.format().sampleRate(), channels))
          .setParticipants(participants)
          .build();
    }

    private void event(Object body) {
      add(Records.encode(new ConversationEvent(id, made, zero, 0, body)), "");
    }

    private void problem(String message) {
      add(null, message);
    }

    /** What was told before the reader was restored is made again and left out. */
    private void add(byte @Nullable [] value, String problem) {
      InboundRecord record =
          new InboundRecord(split.path().toString(), 0, made, zero, Records.key(id), value);
      if (made >= told) {
        next.add(Tuple2.of(record, problem));
      }
      made++;
    }

    @Override
    public void close() throws IOException {
      if (opened != null) {
        opened.reader.close();
      }
    }
  }
}
