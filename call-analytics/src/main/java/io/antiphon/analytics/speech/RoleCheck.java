package io.antiphon.analytics.speech;

import io.antiphon.analytics.Participant;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/**
 * Tells whether the roles of a call's two channels seem to be swapped, by sentences that agents say
 * and callers do not. The roles stay as they are: they come from whoever configured the call.
 */
public final class RoleCheck {
  private static final int ENOUGH = 2;

  private static final List<String> AGENT_PHRASES =
      List.of(
          "how can i help",
          "how may i help",
          "thank you for calling",
          "thanks for calling",
          "you are through to",
          "you're through to",
          "is there anything else",
          "anything else i can",
          "can i take your",
          "may i have your",
          "could i have your",
          "can you confirm your",
          "could you confirm your",
          "let me check that for you",
          "bear with me",
          "i am connecting you",
          "i'm connecting you",
          "thank you for holding",
          "for security purposes",
          "this call is recorded",
          "this call may be recorded");

  private final int[] agentPhrases = new int[2];

  /** Takes a final text of channel 0 or 1. */
  public void text(int channel, String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    for (String phrase : AGENT_PHRASES) {
      agentPhrases[channel] += lower.contains(phrase) ? 1 : 0;
    }
  }

  /** Whether the customer's channel sounds like the agent's and the agent's does not. */
  public boolean seemSwapped(List<Participant> participants) {
    int agent = -1;
    for (Participant participant : participants) {
      if (participant.role().equals(Participant.AGENT)) {
        agent = participant.channel();
      }
    }
    return participants.size() == 2
        && (agent == 0 || agent == 1)
        && agentPhrases[1 - agent] >= ENOUGH
        && agentPhrases[1 - agent] > 2 * agentPhrases[agent];
  }

  /** Everything that later results depend on. */
  public void save(DataOutput out) throws IOException {
    out.writeInt(agentPhrases[0]);
    out.writeInt(agentPhrases[1]);
  }

  /** Goes on where another one was saved; to be called on a new one. */
  public void load(DataInput in) throws IOException {
    agentPhrases[0] = in.readInt();
    agentPhrases[1] = in.readInt();
  }
}
