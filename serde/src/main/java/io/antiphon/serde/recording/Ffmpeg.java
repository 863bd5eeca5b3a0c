package io.antiphon.serde.recording;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A recording that a {@code ffmpeg} process decodes into a pipe. It is told the container, so that
 * a playlist is never followed, and may open nothing but the recording itself. Owns the process and
 * the two threads at its other ends.
 */
final class Ffmpeg implements RecordingReader {
  private static final int LONGEST_COMPLAINT = 4_096;
  private static final long GRACE_SECONDS = 10;

  private final String name;
  private final String what;
  private final Process process;
  private final @Nullable ByteSource source;
  private final List<Thread> threads = new ArrayList<>();
  private final StringBuilder complaint = new StringBuilder();
  private WaveReader decoded;

  /** The program on the path, if there is one. */
  static Optional<Path> find() {
    String path = System.getenv("PATH");
    if (path == null) {
      return Optional.empty();
    }
    for (String folder : path.split(File.pathSeparator, -1)) {
      if (!folder.isEmpty()) {
        Path program = new File(folder, "ffmpeg").toPath();
        if (Files.isRegularFile(program) && Files.isExecutable(program)) {
          return Optional.of(program);
        }
      }
    }
    return Optional.empty();
  }

  /**
   * @param file the recording, where it is a file; formats such as MP4 are not read in order
   * @param source the recording from its first byte on, where it is none
   */
  Ffmpeg(
      Path program,
      String name,
      ForeignFormatException format,
      @Nullable Path file,
      @Nullable ByteSource source)
      throws IOException {
    this.name = name;
    this.what = format.getMessage();
    this.source = source;
    List<String> command =
        List.of(
            program.toString(),
            "-hide_banner",
            "-nostdin",
            "-loglevel",
            "error",
            "-protocol_whitelist",
            "file,pipe",
            "-f",
            format.demuxer(),
            "-i",
            file == null ? "pipe:0" : "file:" + file.toAbsolutePath(),
            "-map",
            "0:a:0",
            "-f",
            "wav",
            "-c:a",
            "pcm_s16le",
            "pipe:1");
    try {
      process = new ProcessBuilder(command).start();
    } catch (IOException e) {
      throw new RecordingException(
          name + " is a recording in " + what + ", and ffmpeg does not start: " + e.getMessage(),
          e);
    }
    start("complaints", this::readComplaints);
    OutputStream input = process.getOutputStream();
    if (source == null) {
      input.close();
    } else {
      start("input", () -> feed(source, input));
    }
    try {
      decoded =
          new WaveReader(
              new ByteSource(process.getInputStream(), name, OptionalLong.empty()), false);
    } catch (RecordingException e) {
      try {
        throw failure(e);
      } finally {
        close();
      }
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  @Override
  public RecordingFormat format() {
    RecordingFormat format = decoded.format();
    return new RecordingFormat(
        what + ", by ffmpeg", format.sampleRate(), format.channels(), format.frames());
  }

  @Override
  public int read(float[] samples) throws IOException {
    int frames = decoded.read(samples);
    if (frames < 0 && waitFor() != 0) {
      throw failure(null);
    }
    return frames;
  }

  @Override
  public List<String> notes() {
    return decoded.notes();
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    if (source != null) {
      source.close();
    }
  }

  private void start(String task, Runnable work) {
    Thread thread = new Thread(work, "ffmpeg " + task);
    thread.setDaemon(true);
    thread.start();
    threads.add(thread);
  }

  private void feed(ByteSource from, OutputStream input) {
    try (input) {
      from.transferTo(input);
    } catch (IOException e) {
      complain("its input: " + e.getMessage() + "\n"); // told only if ffmpeg fails over it
    }
  }

  private void readComplaints() {
    try (InputStream errors = process.getErrorStream()) {
      byte[] bytes = new byte[1_024];
      for (int count = errors.read(bytes); count >= 0; count = errors.read(bytes)) {
        complain(new String(bytes, 0, count, StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      complain(String.valueOf(e.getMessage()));
    }
  }

  private void complain(String text) {
    synchronized (complaint) {
      complaint.append(text, 0, Math.min(text.length(), LONGEST_COMPLAINT - complaint.length()));
    }
  }

  private int waitFor() throws IOException {
    try {
      if (!process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS)) {
        throw new RecordingException(name + ": ffmpeg closed its output and does not end");
      }
      threads.get(0).join(TimeUnit.SECONDS.toMillis(GRACE_SECONDS));
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private RecordingException failure(@Nullable Exception cause) throws IOException {
    waitFor();
    String said;
    synchronized (complaint) {
      said = complaint.toString().strip();
    }
    return new RecordingException(
        name
            + " is a recording in "
            + what
            + ", and ffmpeg cannot decode it: "
            + (said.isEmpty() ? "it gives no sound" : said),
        cause);
  }
}
