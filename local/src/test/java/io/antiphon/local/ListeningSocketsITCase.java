package io.antiphon.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.Test;

/** Nothing that the embedded broker and cluster open can be reached from another machine. */
class ListeningSocketsITCase {
  private static final Path PROCESS = Path.of("/proc/self");
  private static final Pattern SOCKET = Pattern.compile("socket:\\[(\\d+)\\]");

  /** The state of a listening socket in the kernel's table. */
  private static final String LISTENING = "0A";

  /** 127.0.0.0/8, ::1 and the former within IPv6, as the table writes them on little endian. */
  private static final Pattern LOOPBACK =
      Pattern.compile(
          "[0-9A-F]{6}7F|0{24}01000000|0{16}FFFF0000[0-9A-F]{6}7F", Pattern.CASE_INSENSITIVE);

  @Test
  void everySocketListensOnLoopback() throws Exception {
    assumeTrue(
        Files.isDirectory(PROCESS.resolve("fd")), "skipped: listening sockets are read from /proc");
    try (EmbeddedKafka kafka = EmbeddedKafka.start(0);
        LocalFlink flink = LocalFlink.start(1, new Configuration())) {
      assertThat(kafka.bootstrapServers()).isNotEmpty();
      assertThat(flink.environment()).isNotNull();
      List<String> addresses = listeningAddresses();
      assertThat(addresses)
          .as("the broker's, the JobManager's and the TaskManager's")
          .hasSizeGreaterThan(3);
      assertThat(addresses).allMatch(address -> LOOPBACK.matcher(address).matches());
    }
  }

  private static List<String> listeningAddresses() throws IOException {
    Set<String> own = new HashSet<>();
    try (Stream<Path> descriptors = Files.list(PROCESS.resolve("fd"))) {
      for (Path descriptor : descriptors.toList()) {
        try {
          Matcher socket = SOCKET.matcher(Files.readSymbolicLink(descriptor).toString());
          if (socket.matches()) {
            own.add(socket.group(1));
          }
        } catch (IOException e) {
          // Closed since it was listed.
          continue;
        }
      }
    }
    List<String> addresses = new ArrayList<>();
    for (String table : List.of("tcp", "tcp6")) {
      Path file = PROCESS.resolve("net").resolve(table);
      if (!Files.exists(file)) {
        continue;
      }
      for (String line : Files.readAllLines(file)) {
        String[] columns = line.trim().split("\\s+");
        if (columns.length > 9 && columns[3].equals(LISTENING) && own.contains(columns[9])) {
          addresses.add(columns[1].substring(0, columns[1].indexOf(':')));
        }
      }
    }
    return addresses;
  }
}
