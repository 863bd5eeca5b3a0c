package io.antiphon.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.antiphon.operators.state.BundleSignature;
import io.antiphon.operators.state.IncompatibleBundleException;
import io.antiphon.runtime.Bundle;
import io.antiphon.schemas.Mode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.throwable.ThrowableClassifier;
import org.apache.flink.runtime.throwable.ThrowableType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** State goes on with the bundles that understand it, and with no other. */
class ArchitectureTest {
  @TempDir private Path directory;

  private static List<OperatorSubtaskState> state(Bundle bundle) throws Exception {
    try (Chain chain = Chain.open(bundle, FakeModel.ECHO)) {
      return chain.play(new Script("c").started(Mode.SPEECH_TO_TEXT)).snapshot();
    }
  }

  @Test
  void aBundleOfTheSameArchitectureGoesOn() throws Exception {
    Bundle other = TestBundle.load(directory.resolve("other"), 300);
    try (Chain chain =
        Chain.restore(
            other, FakeModel.ECHO, state(TestBundle.load(directory.resolve("one"), 400)))) {
      assertThat(chain.kept()).isPositive();
    }
  }

  @Test
  void anotherTokenizerIsRefused() throws Exception {
    Path other = directory.resolve("other");
    TestBundle.load(other, 400);
    Path tokenizer = other.resolve("tokenizer.json");
    Files.writeString(tokenizer, Files.readString(tokenizer) + "\n");
    Bundle changed = Bundle.load(other);
    List<OperatorSubtaskState> state = state(TestBundle.load(directory.resolve("one"), 400));
    assertThatThrownBy(() -> Chain.restore(changed, FakeModel.ECHO, state))
        .isInstanceOf(IncompatibleBundleException.class)
        .hasMessageContaining(other.toString())
        .hasMessageContaining("tokenizer is crc32 ")
        .satisfies(
            error ->
                assertThat(ThrowableClassifier.getThrowableType(error))
                    .isEqualTo(ThrowableType.NonRecoverableError));
  }

  @Test
  void whatDiffersIsNamed() {
    BundleSignature here = new BundleSignature(List.of("a=1", "b=2", "new=x"));
    BundleSignature there = new BundleSignature(List.of("a=1", "b=3", "old=y"));
    assertThatThrownBy(() -> here.requireSame(there, "nano"))
        .hasMessageContaining("Bundle nano")
        .hasMessageContaining(
            "b is 2, expected 3; old is nothing, expected y; new is x, expected nothing");
  }
}
