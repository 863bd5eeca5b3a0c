package io.antiphon.operators;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.util.OperatorSnapshotUtil;

/**
 * Snapshots of all stages of a {@link Chain} as files. A stored one is never changed; a version
 * that writes state otherwise stores its own beside it.
 */
final class StoredSnapshots {
  private static final int STAGES = 5;

  private StoredSnapshots() {}

  /** Writes a snapshot into an existing folder. */
  static void write(List<OperatorSubtaskState> states, Path folder) throws IOException {
    for (int stage = 0; stage < states.size(); stage++) {
      OperatorSnapshotUtil.writeStateHandle(
          states.get(stage), folder.resolve(stage + ".bin").toString());
    }
  }

  /**
   * Reads a snapshot of the tests' resources.
   *
   * @param name its folder
   */
  static List<OperatorSubtaskState> read(String name)
      throws IOException, ClassNotFoundException, URISyntaxException {
    return read(name, STAGES);
  }

  /** Reads a snapshot of so many stages. */
  static List<OperatorSubtaskState> read(String name, int stages)
      throws IOException, ClassNotFoundException, URISyntaxException {
    Path folder = Path.of(StoredSnapshots.class.getResource("/" + name).toURI());
    List<OperatorSubtaskState> states = new ArrayList<>();
    for (int stage = 0; stage < stages; stage++) {
      Path file = folder.resolve(stage + ".bin");
      if (!Files.exists(file)) {
        throw new IOException(file + " is missing");
      }
      states.add(OperatorSnapshotUtil.readStateHandle(file.toString()));
    }
    return states;
  }
}
