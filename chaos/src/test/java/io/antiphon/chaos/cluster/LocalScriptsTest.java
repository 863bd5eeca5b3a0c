package io.antiphon.chaos.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What the scripts of {@code deploy/local} say of a process's life. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "the scripts of deploy/local need Linux")
class LocalScriptsTest {
  /** Stands for Java: its arguments are those of a process that was launched. */
  private static final String JAVA = "#!/usr/bin/env bash\nexec sleep 60\n";

  @TempDir private Path run;

  @BeforeEach
  void javaThatSleeps() throws IOException {
    Files.createDirectories(run.resolve("logs"));
    Path java = Files.createDirectories(run.resolve("jdk/bin")).resolve("java");
    Files.writeString(java, JAVA);
    assertThat(java.toFile().setExecutable(true)).isTrue();
  }

  /** The shell that is to become Java has not got to it yet, as on a machine with much to do. */
  @Test
  void aProcessIsAliveBeforeItHasBecomeJava() throws Exception {
    assertThat(
            said(
                """
                cd() { sleep 0.3; builtin cd "$@"; }
                launch broker path -Xmx1m -- Main
                alive broker && echo alive
                kill -KILL "$!"
                wait "$!" || true
                alive broker || echo ended
                """))
        .isEqualTo("alive\nended\n");
  }

  @Test
  void aProcessThatEndedAndNobodyWaitedForIsNotAlive() throws Exception {
    assertThat(
            said(
                """
                (launch broker path -Xmx1m -- Main; exec sleep 60) &
                parent=$!
                until [[ "$(<"/proc/$parent/comm")" == sleep ]]; do sleep 0.01; done
                pid="$(<"$run/broker.pid")"
                kill -KILL "$pid"
                until [[ "$(<"/proc/$pid/stat")" == *") Z "* ]]; do sleep 0.01; done
                alive broker || echo ended
                kill -KILL "$parent"
                """))
        .isEqualTo("ended\n");
  }

  @Test
  void anotherProcessWithItsNumberIsNotIt() throws Exception {
    assertThat(
            said(
                """
                launch broker path -Xmx1m -- Main
                kill -KILL "$!"
                printf '%s\\n' 1 >"$run/broker.pid"
                alive broker || echo another
                """))
        .isEqualTo("another\n");
  }

  /** What a shell prints that has taken in the common part, without what bash says of kills. */
  private String said(String script) throws Exception {
    Path common = Path.of("..", "deploy", "local", "common.sh").toAbsolutePath().normalize();
    ProcessBuilder builder =
        new ProcessBuilder("bash", "-c", ". '" + common + "'\n" + script)
            .redirectError(run.resolve("errors").toFile());
    builder.environment().put("ANTIPHON_RUN", run.toString());
    builder.environment().put("JAVA_HOME", run.resolve("jdk").toString());
    Process process = builder.start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(Files.readString(run.resolve("errors"))).isZero();
    return printed;
  }
}
