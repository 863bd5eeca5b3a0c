package io.antiphon.operators;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.runtime.Bundle;
import io.antiphon.schemas.Mode;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Tests of a chain with one caller, both new for each of them. */
abstract class OneCaller {
  @TempDir static Path directory;
  static Bundle bundle;
  final Script script = new Script("c");
  Chain chain;

  @BeforeAll
  static void load() throws Exception {
    bundle = Chain.bundle(directory);
  }

  @BeforeEach
  void open() throws Exception {
    chain = Chain.open(bundle, model());
  }

  FakeModel model() {
    return FakeModel.ECHO;
  }

  @AfterEach
  void close() throws Exception {
    chain.close();
    assertThat(chain.host.open).isEmpty();
  }

  /** Whatever came, a conversation still works, and nothing leaks. */
  void assertNothingIsLeft() throws Exception {
    chain.play(new Script("other").started(Mode.SPEECH_TO_TEXT));
    chain.advance(Duration.ofSeconds(61));
    chain.advance(Duration.ofSeconds(61));
    assertThat(chain.kept()).isZero();
    assertThat(chain.host.open).isEmpty();
    AnswersTest.assertNumbered(chain);
  }
}
