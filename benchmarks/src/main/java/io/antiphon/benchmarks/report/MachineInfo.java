package io.antiphon.benchmarks.report;

import ai.onnxruntime.OrtEnvironment;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What was measured on. */
public record MachineInfo(Map<String, Object> figures) {
  public static MachineInfo here() {
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("processor", processor());
    figures.put("instructions", instructions());
    figures.put("cores", Runtime.getRuntime().availableProcessors());
    figures.put("memoryGib", Math.round(system.getTotalMemorySize() / (double) (1 << 30)));
    figures.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    figures.put(
        "java", System.getProperty("java.vm.name") + " " + System.getProperty("java.version"));
    figures.put("onnxRuntime", OrtEnvironment.getEnvironment().getVersion());
    return new MachineInfo(figures);
  }

  private static String processor() {
    return cpu("model name").orElse(System.getProperty("os.arch"));
  }

  /** The vector and matrix instructions of the processor, on which kernels are chosen. */
  private static List<String> instructions() {
    return cpu("flags").stream()
        .flatMap(flags -> Stream.of(flags.split(" ")))
        .filter(flag -> flag.matches("avx.*|amx.*|fma|f16c|sse4_2"))
        .sorted()
        .toList();
  }

  /** An entry of the system's description of its first processor; empty outside of Linux. */
  private static Optional<String> cpu(String name) {
    try {
      return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
          .filter(line -> line.startsWith(name))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /**
   * The checked-out revision, with "+" where tracked files have changed, "unknown" outside of a
   * checkout.
   */
  public static String revision(Path installation) {
    String revision = git(installation, "rev-parse", "--short=12", "HEAD");
    if (revision.isEmpty()) {
      return "unknown";
    }
    String changed = git(installation, "status", "--porcelain", "--untracked-files=no");
    return changed.isEmpty() ? revision : revision + "+";
  }

  private static String git(Path folder, String... arguments) {
    String[] command = new String[arguments.length + 3];
    command[0] = "git";
    command[1] = "-C";
    command[2] = folder.toString();
    System.arraycopy(arguments, 0, command, 3, arguments.length);
    try {
      Process git =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      String out = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return git.waitFor() == 0 ? out : "";
    } catch (IOException e) {
      return ""; // no git here
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }
}
