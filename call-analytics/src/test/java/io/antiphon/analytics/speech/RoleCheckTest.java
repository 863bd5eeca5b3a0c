package io.antiphon.analytics.speech;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.analytics.Participant;
import java.util.List;
import org.junit.jupiter.api.Test;

class RoleCheckTest {
  private static final List<Participant> AGENT_FIRST =
      List.of(
          new Participant("a", Participant.AGENT, 0),
          new Participant("c", Participant.CUSTOMER, 1));

  @Test
  void anAgentOnTheCustomersChannelIsTold() {
    RoleCheck check = new RoleCheck();
    check.text(1, "Thank you for calling, how can I help you?");
    check.text(0, "my card is lost");
    assertThat(check.seemSwapped(AGENT_FIRST)).isTrue();
  }

  @Test
  void anAgentOnItsOwnChannelIsNot() {
    RoleCheck check = new RoleCheck();
    check.text(0, "Thank you for calling, how can I help you?");
    check.text(1, "bear with me");
    assertThat(check.seemSwapped(AGENT_FIRST)).isFalse();
  }
}
