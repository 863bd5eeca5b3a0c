package io.antiphon.operators;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;

/** Tests after which another conversation works, and nothing is left of any. */
abstract class OneCallerToTheEnd extends OneCaller {
  @Override
  @AfterEach
  void close() throws Exception {
    assertNothingIsLeft();
    super.close();
    assertThat(chain.host.references).isZero();
  }
}
