package io.antiphon.local;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Removal of temporary directories. */
public final class TemporaryDirectories {
  private static final Logger LOG = LoggerFactory.getLogger(TemporaryDirectories.class);

  private TemporaryDirectories() {}

  /**
   * Deletes {@code root} with everything in it; what cannot be deleted is logged, for a shutdown
   * must go on. Null is nothing.
   */
  public static void delete(Path root) {
    if (root == null || !Files.exists(root)) {
      return;
    }
    try {
      Files.walkFileTree(root, new Deletion());
    } catch (IOException e) {
      LOG.warn("Cannot delete the temporary directory {}", root, e);
    }
  }

  /** Flink's own threads may still delete at the same time: what is gone is as good as deleted. */
  private static final class Deletion extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      delete(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException e) {
      if (!(e instanceof NoSuchFileException)) {
        LOG.warn("Cannot read {}", file, e);
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, IOException e) {
      delete(directory);
      return FileVisitResult.CONTINUE;
    }

    private static void delete(Path path) {
      try {
        Files.deleteIfExists(path);
      } catch (IOException e) {
        LOG.warn("Cannot delete {}", path, e);
      }
    }
  }
}
