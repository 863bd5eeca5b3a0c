package io.antiphon.deploy;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.security.CodeSource;
import java.util.Enumeration;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.apache.flink.streaming.runtime.tasks.StreamTask;

/** Loads the classes that a start of the job needs, which otherwise takes seconds of the start. */
final class StandbyClasses {
  private static final String SUFFIX = ".class";

  private static final List<String> OF_THE_JOB =
      List.of(
          "io/antiphon/",
          "org/apache/avro/",
          "org/apache/flink/connector/",
          "org/apache/kafka/clients/",
          "org/apache/kafka/common/");

  private static final List<String> OF_FLINK =
      List.of(
          "org/apache/flink/runtime/checkpoint/",
          "org/apache/flink/runtime/io/network/",
          "org/apache/flink/runtime/source/",
          "org/apache/flink/runtime/state/",
          "org/apache/flink/runtime/taskmanager/",
          "org/apache/flink/streaming/api/",
          "org/apache/flink/streaming/runtime/");

  private StandbyClasses() {}

  /**
   * @return how many were loaded; a class that cannot be, for a library that no job here uses, is
   *     left out
   */
  static int load() throws IOException, URISyntaxException {
    return load(Standby.class, OF_THE_JOB) + load(StreamTask.class, OF_FLINK);
  }

  private static int load(Class<?> inside, List<String> folders)
      throws IOException, URISyntaxException {
    CodeSource source = inside.getProtectionDomain().getCodeSource();
    File file = new File(source.getLocation().toURI());
    if (!file.isFile()) {
      return 0; // class folders of a build
    }
    int loaded = 0;
    try (JarFile jar = new JarFile(file)) {
      for (Enumeration<JarEntry> entries = jar.entries(); entries.hasMoreElements(); ) {
        String name = entries.nextElement().getName();
        if (name.endsWith(SUFFIX) && folders.stream().anyMatch(name::startsWith)) {
          loaded += load(name) ? 1 : 0;
        }
      }
    }
    return loaded;
  }

  private static boolean load(String entry) {
    String name = entry.substring(0, entry.length() - SUFFIX.length()).replace('/', '.');
    try {
      // Asked for its constructors, the JVM also verifies a class; it initialises none.
      return Class.forName(name, false, Standby.class.getClassLoader()).getDeclaredConstructors()
          != null;
    } catch (ClassNotFoundException | LinkageError e) {
      return false;
    }
  }
}
