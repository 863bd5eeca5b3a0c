package io.antiphon.gateway.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ConversationIdsTest {
  private static final byte[] SECRET = "shared".getBytes(StandardCharsets.UTF_8);

  @Test
  void idsFallIntoTheNodesPartitionsAndAreNeverTheSame() {
    ConversationIds ids = new ConversationIds(SECRET, 12);
    Set<String> drawn = new HashSet<>();
    for (int i = 0; i < 1_000; i++) {
      String id = ids.draw("acme", partition -> partition % 3 == 1);
      assertThat(ids.partition(id) % 3).isEqualTo(1);
      assertThat(drawn.add(id)).isTrue();
    }
  }

  @Test
  void anIdIsKnownToBeATenantsOnEveryNodeAndToNobodyElse() {
    ConversationIds here = new ConversationIds(SECRET, 4);
    ConversationIds there = new ConversationIds(SECRET, 4);
    ConversationIds foreign = new ConversationIds("another".getBytes(StandardCharsets.UTF_8), 4);
    for (int i = 0; i < 1_000; i++) {
      String id = here.draw("acme", partition -> true);
      assertThat(there.belongs(id, "acme")).isTrue();
      assertThat(there.belongs(id, "other")).isFalse();
      assertThat(foreign.belongs(id, "acme")).isFalse();
      assertThat(there.belongs(id + "x", "acme")).isFalse();
      assertThat(there.belongs(id.substring(0, id.length() - 1), "acme")).isFalse();
    }
    assertThat(here.belongs("", "acme")).isFalse();
    assertThat(here.belongs("conv_", "acme")).isFalse();
  }
}
