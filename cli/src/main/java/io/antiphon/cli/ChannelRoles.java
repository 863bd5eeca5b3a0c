package io.antiphon.cli;

import io.antiphon.analytics.Participant;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Who is heard on which channel of a call's recording.
 *
 * @param left role on the first channel
 * @param right role on the second channel
 */
record ChannelRoles(String left, String right) {
  private static final String EXPECTED =
      "expected one role for left and one for right, such as agent=left,caller=right";
  private static final String UNKNOWN = "UNKNOWN";

  /**
   * @param sides side by role
   * @throws InputException when not each side has one role
   */
  static ChannelRoles of(Map<String, String> sides) {
    String left = null;
    String right = null;
    for (Map.Entry<String, String> entry : sides.entrySet()) {
      String role = role(entry.getKey());
      if (entry.getValue().equals("left") && left == null) {
        left = role;
      } else if (entry.getValue().equals("right") && right == null) {
        right = role;
      } else {
        throw new InputException("--channels is " + sides + "; " + EXPECTED);
      }
    }
    if (left == null || right == null || left.isBlank() || left.equals(right)) {
      throw new InputException("--channels is " + sides + "; " + EXPECTED);
    }
    return new ChannelRoles(left, right);
  }

  /** The participants of a call of one or two channels. */
  List<Participant> participants(int channels) {
    return channels == 1
        ? List.of(new Participant("", UNKNOWN, 0))
        : List.of(new Participant("", left, 0), new Participant("", right, 1));
  }

  private static String role(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "agent" -> Participant.AGENT;
      case "caller", "customer" -> Participant.CUSTOMER;
      default -> name.toUpperCase(Locale.ROOT);
    };
  }
}
