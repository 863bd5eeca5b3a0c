package io.antiphon.serde.recording;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.antiphon.serde.audio.Signals;
import io.antiphon.serde.recording.Readings.Reading;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecordingReaderTest {
  private static Path ffmpeg() {
    Optional<Path> found = Ffmpeg.find();
    if (found.isEmpty()) {
      System.out.println("not tested: no ffmpeg is on the path");
    }
    Assumptions.assumeTrue(found.isPresent(), "no ffmpeg is on the path");
    return found.get();
  }

  @Test
  void theContentTellsWhatItIsAndNotTheName(@TempDir Path folder) throws Exception {
    Path file = Files.write(folder.resolve("call.mp3"), Readings.resource("fixed.flac"));
    try (RecordingReader reader = RecordingReader.open(file)) {
      assertThat(reader.format().encoding()).isEqualTo("FLAC, 16 bit");
    }
  }

  @Test
  void aStreamIsReadAsAFileIs() throws Exception {
    InputStream stream = new ByteArrayInputStream(WaveWriter.bytes(16_000, new float[160]));
    try (RecordingReader reader = RecordingReader.open(stream, "standard input")) {
      assertThat(Readings.read(reader, 100).samples()).hasSize(160);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "mono.mp3,MP3",
    "mono.m4a,MP4",
    "adpcm.wav,'WAV, Microsoft ADPCM (format tag 2, 4 bits)'"
  })
  void whatNeedsFfmpegIsToldByNameWithoutIt(String name, String format) {
    assertThatThrownBy(() -> Readings.read(Readings.resource(name)))
        .isInstanceOf(RecordingException.class)
        .hasMessage(
            "call.wav is a recording in "
                + format
                + ", which is read through ffmpeg, and none is on the path; install it, or convert"
                + " the recording where there is one: ffmpeg -i call.wav -c:a pcm_s16le"
                + " converted.wav");
  }

  @ParameterizedTest
  @CsvSource({
    "mono.mp3,MP3",
    "mono.m4a,MP4",
    "adpcm.wav,'WAV, Microsoft ADPCM (format tag 2, 4 bits)'"
  })
  void ffmpegReadsFiles(String name, String format, @TempDir Path folder) throws Exception {
    Path program = ffmpeg();
    Path file = Files.write(folder.resolve("-call 'ö'.bin"), Readings.resource(name));
    try (RecordingReader reader = RecordingOpener.open(file, Optional.of(program))) {
      Reading read = Readings.read(reader, 1_000);
      assertThat(read.format().encoding()).isEqualTo(format + ", by ffmpeg");
      assertThat(read.format().sampleRate()).isEqualTo(8_000);
      assertThat(read.format().channels()).isEqualTo(1);
      assertThat(read.samples().length).isBetween(8_000, 10_500);
      assertThat(read.notes()).isEmpty();
      double loudness = Signals.energy(read.samples()) / Signals.energy(Signals.voice(8_000, 1));
      assertThat(loudness).isBetween(0.8, 1.2);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"mono.mp3", "adpcm.wav"})
  void ffmpegReadsStreams(String name) throws Exception {
    Path program = ffmpeg();
    InputStream stream = new ByteArrayInputStream(Readings.resource(name));
    try (RecordingReader reader = RecordingOpener.open(stream, "call", Optional.of(program))) {
      assertThat(Readings.read(reader, 1_000).samples().length).isBetween(8_000, 10_500);
    }
  }

  @Test
  void ffmpegMayBeLeftInTheMiddle(@TempDir Path folder) throws Exception {
    Path program = ffmpeg();
    Path file = Files.write(folder.resolve("call.mp3"), Readings.resource("mono.mp3"));
    RecordingReader reader = RecordingOpener.open(file, Optional.of(program));
    assertThat(reader.read(new float[10])).isEqualTo(10);
    reader.close();
  }

  @Test
  void whatFfmpegCannotReadIsTold(@TempDir Path folder) throws Exception {
    Path program = ffmpeg();
    byte[] bytes = WaveBytes.concatenate(WaveBytes.ascii("ID3 and nothing more"), new byte[5_000]);
    Path file = Files.write(folder.resolve("call.mp3"), bytes);
    assertThatThrownBy(() -> RecordingOpener.open(file, Optional.of(program)))
        .isInstanceOf(RecordingException.class)
        .hasMessageStartingWith(file + " is a recording in MP3, and ffmpeg cannot decode it: ");
  }

  /** A program that complains without end and gives nothing: no dead lock, a bounded message. */
  @Test
  void anFfmpegThatOnlyComplainsIsTold(@TempDir Path folder) throws Exception {
    Path program = folder.resolve("ffmpeg");
    Files.writeString(
        program,
        "#!/bin/sh\ni=0\nwhile [ $i -lt 20000 ]; do echo 'something is wrong' >&2; i=$((i+1)); done"
            + "\nexit 3\n");
    assertThat(program.toFile().setExecutable(true)).isTrue();
    InputStream stream = new ByteArrayInputStream(Readings.resource("mono.mp3"));
    assertThatThrownBy(() -> RecordingOpener.open(stream, "call", Optional.of(program)))
        .isInstanceOf(RecordingException.class)
        .hasMessageContaining("something is wrong")
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(5_000));
  }

  @Test
  void anFfmpegThatDoesNotStartIsTold(@TempDir Path folder) throws Exception {
    InputStream stream = new ByteArrayInputStream(Readings.resource("mono.mp3"));
    Optional<Path> missing = Optional.of(folder.resolve("ffmpeg"));
    assertThatThrownBy(() -> RecordingOpener.open(stream, "call", missing))
        .isInstanceOf(RecordingException.class)
        .hasMessageStartingWith("call is a recording in MP3, and ffmpeg does not start: ");
  }

  @Test
  void whatIsNoRecordingIsTold(@TempDir Path folder) throws Exception {
    assertProblem(new byte[0], "is empty; expected a recording");
    assertProblem(
        "version https://git-lfs.github.com/spec/v1\noid".getBytes(StandardCharsets.US_ASCII),
        "is a Git LFS pointer, not the recording itself; fetch it with git lfs pull");
    assertProblem(
        new byte[] {'h', 'e', 'l', 'l', 'o', 0, (byte) 0xFF},
        "is no recording: it begins with \"hello\\x00\\xff\"; expected WAV, FLAC, Ogg, MP3, MP4,"
            + " AAC, AMR, AIFF, AU, WebM or CAF. Samples without a header get one by, for example,"
            + " ffmpeg -f s16le -ar 8000 -i call.wav converted.wav");
    Path missing = folder.resolve("missing.wav");
    assertThatThrownBy(() -> RecordingReader.open(missing))
        .isInstanceOf(RecordingException.class)
        .hasMessage(missing + " does not exist; expected a recording");
    assertThatThrownBy(() -> RecordingReader.open(folder))
        .isInstanceOf(RecordingException.class)
        .hasMessage(folder + " is a folder; expected a recording");
  }

  /** Muted telephone lines without a header are no MPEG frames. */
  @Test
  void rawCompandedSilenceIsNoMp3() {
    for (int value : new int[] {0xFF, 0xD5, 0x7F}) {
      byte[] bytes = new byte[500];
      java.util.Arrays.fill(bytes, (byte) value);
      assertThatThrownBy(() -> Readings.read(bytes)).hasMessageContaining("is no recording");
    }
  }

  @Test
  void theStreamIsClosedWithTheReaderAndAfterAnError() throws Exception {
    boolean[] closed = new boolean[1];
    class Closing extends ByteArrayInputStream {
      Closing(byte[] bytes) {
        super(bytes);
      }

      @Override
      public void close() {
        closed[0] = true;
      }
    }
    RecordingReader.open(new Closing(WaveWriter.bytes(8_000, new float[9])), "call").close();
    assertThat(closed[0]).isTrue();
    closed[0] = false;
    assertThatThrownBy(() -> RecordingReader.open(new Closing(new byte[20]), "call"))
        .isInstanceOf(IOException.class);
    assertThat(closed[0]).isTrue();
  }

  private static void assertProblem(byte[] bytes, String problem) {
    assertThatThrownBy(() -> Readings.read(bytes))
        .isInstanceOf(RecordingException.class)
        .hasMessage("call.wav " + problem);
  }
}
