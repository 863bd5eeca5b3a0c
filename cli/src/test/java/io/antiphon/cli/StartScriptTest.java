package io.antiphon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The start script in a checkout of its own that is built, with a java that shows its arguments.
 */
class StartScriptTest {
  private static final String JAVA =
      """
      #!/usr/bin/env bash
      if [[ "$1" == -XshowSettings:properties ]]; then
        echo "    java.specification.version = $FAKE_VERSION" >&2
        exit
      fi
      echo "charmap $(locale charmap)"
      printf '%s\\n' "$@"
      """;

  @TempDir private Path folder;

  @BeforeEach
  void build() throws IOException {
    Path script =
        Files.copy(Path.of("..", "antiphon"), Files.createDirectories(root()).resolve("antiphon"));
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.createFile(root().resolve("pom.xml"));
    for (String module : MODULES.split(" ")) {
      Files.createDirectories(root().resolve(module).resolve("src/main"));
      Files.createFile(root().resolve(module).resolve("pom.xml"));
    }
    Path classPath = Files.createDirectories(root().resolve("cli/target")).resolve("classpath");
    Files.writeString(classPath, "some.jar");
    Files.setLastModifiedTime(classPath, FileTime.from(Instant.now().plusSeconds(60)));
    Path java = Files.createDirectories(folder.resolve("jdk/bin")).resolve("java");
    Files.writeString(java, JAVA);
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static final String MODULES =
      "configuration kafka-schemas serde client model-runtime operators jobs local gateway/page"
          + " gateway cli";

  @Test
  void java17AndNewerRun() throws Exception {
    for (String version : List.of("17", "21", "25")) {
      Run run = run(root().resolve("antiphon"), version, Map.of());
      assertThat(run.code()).as(run.out()).isZero();
      assertThat(run.out()).contains("io.antiphon.cli.AntiphonCommand", "frag.wav");
    }
    assertThat(run(root().resolve("antiphon"), "17", Map.of()).out())
        .doesNotContain("--enable-native-access");
    assertThat(run(root().resolve("antiphon"), "25", Map.of()).out())
        .contains("--enable-native-access=ALL-UNNAMED");
  }

  @Test
  void olderJavaIsRefused() throws Exception {
    Run run = run(root().resolve("antiphon"), "11", Map.of());
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.out()).contains("is version 11; expected Java 17 or newer");
  }

  @Test
  void symbolicLinksLeadToTheCheckout() throws Exception {
    Path first = Files.createSymbolicLink(folder.resolve("first"), Path.of("checkout/antiphon"));
    Path second =
        Files.createSymbolicLink(
            Files.createDirectories(folder.resolve("bin")).resolve("antiphon"), first);
    Run run = run(second, "17", Map.of());
    assertThat(run.code()).as(run.out()).isZero();
    assertThat(run.out()).contains("-Dantiphon.home=" + root().toRealPath());
  }

  @Test
  void fileNamesAreReadAsUtf8UnderTheCLocale() throws Exception {
    assertThat(run(root().resolve("antiphon"), "17", Map.of("LC_ALL", "C")).out())
        .contains("charmap UTF-8");
  }

  private Path root() {
    return folder.resolve("checkout");
  }

  private record Run(int code, String out) {}

  private Run run(Path script, String version, Map<String, String> environment) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(script.toString(), "talk", "frag.wav").redirectErrorStream(true);
    builder.environment().put("JAVA_HOME", folder.resolve("jdk").toString());
    builder.environment().put("FAKE_VERSION", version);
    builder.environment().remove("ANTIPHON_JAVA_OPTIONS");
    builder.environment().putAll(environment);
    Process process = builder.start();
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Run(process.waitFor(), out);
  }
}
