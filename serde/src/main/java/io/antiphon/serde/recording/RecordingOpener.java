package io.antiphon.serde.recording;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Tells by its first bytes what a recording is, and finds its reader. */
final class RecordingOpener {
  private static final int HEAD_BYTES = 24;
  private static final String EXPECTED =
      "expected WAV, FLAC, Ogg, MP3, MP4, AAC, AMR, AIFF, AU, WebM or CAF";

  private RecordingOpener() {}

  static RecordingReader open(Path file, Optional<Path> ffmpeg) throws IOException {
    if (!Files.exists(file)) {
      throw new RecordingException(file + " does not exist; expected a recording");
    }
    if (Files.isDirectory(file)) {
      throw new RecordingException(file + " is a folder; expected a recording");
    }
    if (!Files.isReadable(file)) {
      throw new RecordingException(file + " cannot be read; expected a recording");
    }
    boolean regular = Files.isRegularFile(file);
    OptionalLong size = regular ? OptionalLong.of(Files.size(file)) : OptionalLong.empty();
    ByteSource source = new ByteSource(Files.newInputStream(file), file.toString(), size);
    return open(source, regular ? file : null, ffmpeg);
  }

  static RecordingReader open(InputStream stream, String name, Optional<Path> ffmpeg)
      throws IOException {
    return open(new ByteSource(stream, name, OptionalLong.empty()), null, ffmpeg);
  }

  private static RecordingReader open(ByteSource source, @Nullable Path file, Optional<Path> ffmpeg)
      throws IOException {
    try {
      return read(source);
    } catch (ForeignFormatException e) {
      try {
        return byFfmpeg(source, e, file, ffmpeg);
      } catch (IOException | RuntimeException failure) {
        source.close();
        throw failure;
      }
    } catch (IOException | RuntimeException e) {
      source.close();
      throw e;
    }
  }

  private static RecordingReader read(ByteSource source) throws IOException {
    byte[] head = source.peek(HEAD_BYTES);
    if (WaveReader.isWave(head)) {
      return new WaveReader(source, true);
    }
    if (begins(head, "fLaC")) {
      return new FlacReader(source);
    }
    if (begins(head, "OggS")) {
      return new OggOpusReader(source);
    }
    throw foreign(source.name(), head);
  }

  private static RecordingReader byFfmpeg(
      ByteSource source, ForeignFormatException format, @Nullable Path file, Optional<Path> ffmpeg)
      throws IOException {
    String name = source.name();
    if (ffmpeg.isEmpty()) {
      throw new RecordingException(
          name
              + " is a recording in "
              + format.getMessage()
              + ", which is read through ffmpeg, and none is on the path; install it, or convert"
              + " the recording where there is one: ffmpeg -i "
              + name
              + " -c:a pcm_s16le converted.wav");
    }
    if (file != null) {
      source.close();
      return new Ffmpeg(ffmpeg.get(), name, format, file, null);
    }
    if (!source.rewind()) {
      throw new RecordingException(
          name + " is a stream in " + format.getMessage() + "; give it as a file");
    }
    return new Ffmpeg(ffmpeg.get(), name, format, null, source);
  }

  /** What is not read here: the name of the format, or an error for what is no recording. */
  private static IOException foreign(String name, byte[] head) {
    if (head.length == 0) {
      return new RecordingException(name + " is empty; expected a recording");
    }
    if (begins(head, "version https://git-lfs")) {
      return new RecordingException(
          name + " is a Git LFS pointer, not the recording itself; fetch it with git lfs pull");
    }
    if (begins(head, "RIFX")) {
      return new ForeignFormatException("WAV of big-endian samples", "wav");
    }
    if (begins(head, "RIFF") && at(head, 8, "AVI ")) {
      return new ForeignFormatException("AVI", "avi");
    }
    if (begins(head, "ID3") || isMpegFrame(head)) {
      return new ForeignFormatException("MP3", "mp3");
    }
    if (head.length > 1 && head[0] == (byte) 0xFF && (head[1] & 0xF6) == 0xF0) {
      return new ForeignFormatException("AAC", "aac");
    }
    if (at(head, 4, "ftyp")) {
      return new ForeignFormatException("MP4", "mov");
    }
    if (begins(head, "#!AMR")) {
      return new ForeignFormatException("AMR", "amr");
    }
    if (begins(head, ".snd")) {
      return new ForeignFormatException("AU", "au");
    }
    if (begins(head, "FORM")) {
      return new ForeignFormatException("AIFF", "aiff");
    }
    if (begins(head, "caff")) {
      return new ForeignFormatException("CAF", "caf");
    }
    if (begins(head, "\u001aE\u00df\u00a3")) {
      return new ForeignFormatException("WebM or Matroska", "matroska");
    }
    if (begins(head, "0&\u00b2u")) {
      return new ForeignFormatException("Windows Media", "asf");
    }
    return new RecordingException(
        name
            + " is no recording: it begins with "
            + shown(head)
            + "; "
            + EXPECTED
            + ". Samples without a header get one by, for example, ffmpeg -f s16le -ar 8000 -i "
            + name
            + " converted.wav");
  }

  /** The first frame of MPEG layer 2 or 3: sync, and no reserved version, bit rate or rate. */
  private static boolean isMpegFrame(byte[] head) {
    if (head.length < 3 || head[0] != (byte) 0xFF || (head[1] & 0xE0) != 0xE0) {
      return false;
    }
    int version = head[1] >> 3 & 3;
    int layer = head[1] >> 1 & 3;
    int bitRate = head[2] >> 4 & 15;
    return version != 1
        && (layer == 1 || layer == 2)
        && bitRate > 0
        && bitRate < 15
        && (head[2] >> 2 & 3) != 3;
  }

  private static boolean begins(byte[] head, String text) {
    return at(head, 0, text);
  }

  private static boolean at(byte[] head, int at, String text) {
    byte[] expected = text.getBytes(StandardCharsets.ISO_8859_1);
    return head.length >= at + expected.length
        && Arrays.equals(head, at, at + expected.length, expected, 0, expected.length);
  }

  private static String shown(byte[] head) {
    StringBuilder text = new StringBuilder("\"");
    for (int i = 0; i < Math.min(8, head.length); i++) {
      if (head[i] >= ' ' && head[i] <= '~') {
        text.append((char) head[i]);
      } else {
        text.append(String.format("\\x%02x", head[i]));
      }
    }
    return text.append('"').toString();
  }
}
