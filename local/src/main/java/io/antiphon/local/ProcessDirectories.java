package io.antiphon.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The temporary directories of this process. Each is locked by the process that made it, so that
 * those of a process that was killed are known and deleted by the next one.
 *
 * <p>Thread safe.
 */
final class ProcessDirectories {
  private static final Logger LOG = LoggerFactory.getLogger(ProcessDirectories.class);
  private static final String PREFIX = "antiphon-local-";

  /** How the names of this process's directories begin. */
  static final String OWN_PREFIX = PREFIX + ProcessHandle.current().pid() + "-";

  private static final String LOCK = "lock";

  /** Ends the name of a directory that is being deleted. */
  private static final String LEAVING = ".leaving";

  /** Once is enough nearly always; a busy machine may need more. */
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

  private static final Map<Path, FileChannel> OWN = new ConcurrentHashMap<>();

  private ProcessDirectories() {}

  /**
   * Makes an empty directory.
   *
   * @param name of what it is for
   */
  static Path create(String name) throws IOException {
    Path parent = Files.createTempDirectory(OWN_PREFIX);
    FileChannel channel =
        FileChannel.open(
            parent.resolve(LOCK), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    channel.lock();
    OWN.put(parent, channel);
    return Files.createDirectory(parent.resolve(name));
  }

  /** Deletes the directories of processes that are no more. */
  static void sweep() {
    Path folder = Path.of(System.getProperty("java.io.tmpdir"));
    try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, PREFIX + "*")) {
      for (Path each : found) {
        if (!OWN.containsKey(each) && abandoned(each)) {
          deleteTree(each);
        }
      }
    } catch (IOException e) {
      LOG.debug("The temporary folder {} cannot be read", folder, e);
    }
  }

  private static boolean abandoned(Path directory) {
    // Without a lock file it is being made just now, or is not ours to delete.
    try (FileChannel channel = FileChannel.open(directory.resolve(LOCK), StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      return lock != null;
    } catch (IOException | OverlappingFileLockException e) {
      return false;
    }
  }

  /**
   * Deletes a directory that {@link #create} made, with everything in it; what cannot be deleted is
   * logged, for a shutdown must go on. Null is nothing.
   */
  static void delete(@Nullable Path directory) {
    if (directory != null) {
      deleteOwn(Objects.requireNonNull(directory.getParent()));
    }
  }

  /** Deletes all directories of this process. */
  static void deleteAll() {
    OWN.keySet().forEach(ProcessDirectories::deleteOwn);
  }

  private static void deleteOwn(Path parent) {
    // It is known until it is gone: at the end of the process two threads may delete it, and the
    // process must wait for both.
    deleteTree(parent);
    FileChannel lock = OWN.remove(parent);
    if (lock != null) {
      try {
        lock.close();
      } catch (IOException e) {
        LOG.debug("The lock of {} cannot be given back", parent, e);
      }
    }
  }

  private static void deleteTree(Path root) {
    Path leaving =
        root.toString().endsWith(LEAVING)
            ? root
            : root.resolveSibling(root.getFileName() + LEAVING);
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while ((Files.exists(root) || Files.exists(leaving)) && System.nanoTime() < deadline) {
      // A broker or cluster that is not closed yet may make files meanwhile: under its old name it
      // cannot any more, except with all their parents.
      rename(root, leaving);
      deleteOnce(leaving);
      deleteOnce(root);
    }
    if (Files.exists(root) || Files.exists(leaving)) {
      LOG.warn("Cannot delete the temporary directory {}", root);
    }
  }

  private static void rename(Path root, Path leaving) {
    try {
      if (Files.exists(root) && Files.notExists(leaving)) {
        Files.move(root, leaving);
      }
    } catch (IOException e) {
      LOG.debug("Cannot rename {}", root, e);
    }
  }

  private static void deleteOnce(Path root) {
    if (Files.notExists(root)) {
      return;
    }
    List<Path> paths;
    try (Stream<Path> walk = Files.walk(root)) {
      paths = walk.sorted(Comparator.reverseOrder()).toList();
    } catch (IOException | UncheckedIOException e) {
      LOG.debug("Cannot list {}", root, e);
      return;
    }
    for (Path path : paths) {
      try {
        Files.deleteIfExists(path);
      } catch (IOException e) {
        LOG.debug("Cannot delete {}", path, e);
      }
    }
  }
}
