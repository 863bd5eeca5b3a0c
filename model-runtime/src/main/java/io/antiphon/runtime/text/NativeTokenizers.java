package io.antiphon.runtime.text;

import ai.djl.huggingface.tokenizers.jni.LibUtils;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Makes the tokenizers library load from its jar alone: no network, no telemetry, and its unpacked
 * native part in a temporary folder of this process instead of the user's home.
 */
final class NativeTokenizers {
  @GuardedBy("NativeTokenizers.class")
  private static boolean prepared;

  private NativeTokenizers() {}

  static synchronized void prepare() throws IOException {
    if (prepared) {
      return;
    }
    setIfAbsent("ai.djl.offline", "true");
    setIfAbsent("OPT_OUT_TRACKING", "true");
    if (System.getProperty("ENGINE_CACHE_DIR") == null
        && System.getenv("ENGINE_CACHE_DIR") == null) {
      Path cache = Files.createTempDirectory("antiphon-tokenizers-");
      System.setProperty("ENGINE_CACHE_DIR", cache.toString());
      load(cache);
    }
    prepared = true;
  }

  private static void setIfAbsent(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }

  /** Loads the native part and deletes its files where the system needs them no more. */
  private static void load(Path cache) throws IOException {
    LibUtils.checkStatus();
    if (System.getProperty("os.name").startsWith("Windows")) {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(cache), "delete-" + cache));
    } else {
      delete(cache);
    }
  }

  private static void delete(Path directory) {
    try (var files = Files.walk(directory)) {
      files.sorted(java.util.Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (IOException e) {
      // The process ends; a leftover in the temporary folder is all that is lost.
    }
  }
}
