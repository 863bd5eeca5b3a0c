package io.antiphon.analytics;

/**
 * Who is heard on a channel.
 *
 * @param participantId the caller's own name of it; may be empty
 * @param role {@link #AGENT}, {@link #CUSTOMER} or any other word of the call centre
 * @param channel the channel's number, from 0
 */
public record Participant(String participantId, String role, int channel) {
  public static final String AGENT = "AGENT";
  public static final String CUSTOMER = "CUSTOMER";

  public Participant {
    if (role.isBlank()) {
      throw new IllegalArgumentException("role of channel " + channel + " is empty");
    }
    if (channel < 0) {
      throw new IllegalArgumentException("channel is " + channel + ", expected 0 or more");
    }
  }
}
