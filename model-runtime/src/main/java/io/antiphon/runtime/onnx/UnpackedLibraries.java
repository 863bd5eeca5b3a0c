package io.antiphon.runtime.onnx;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files into which a library unpacked its native part. Once they are mapped, Linux needs them
 * no more; deleted at once they are not left behind either, however the process ends.
 */
public final class UnpackedLibraries {
  private static final Logger LOG = LoggerFactory.getLogger(UnpackedLibraries.class);
  private static final Path MAPPED = Path.of("/proc/self/maps");

  private UnpackedLibraries() {}

  /**
   * Deletes the folders of this process's mapped files; does nothing where the system does not tell
   * them.
   *
   * @param prefix with which the folders' names begin
   */
  public static void delete(String prefix) {
    if (!Files.isReadable(MAPPED)) {
      return;
    }
    Set<Path> folders = new LinkedHashSet<>();
    try (Stream<String> lines = Files.lines(MAPPED, StandardCharsets.UTF_8)) {
      lines
          .filter(line -> line.contains("/" + prefix))
          .map(line -> Path.of(line.substring(line.indexOf('/'))).getParent())
          .filter(folder -> folder.getFileName().toString().startsWith(prefix))
          .forEach(folders::add);
    } catch (IOException | RuntimeException e) {
      LOG.debug("{} cannot be read", MAPPED, e);
    }
    for (Path folder : folders) {
      File[] files = folder.toFile().listFiles();
      boolean gone = files != null;
      for (File file : files == null ? new File[0] : files) {
        gone &= file.delete();
      }
      if (!gone || !folder.toFile().delete()) {
        LOG.debug("{} cannot be deleted", folder);
      }
    }
  }
}
