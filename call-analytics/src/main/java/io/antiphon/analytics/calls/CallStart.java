package io.antiphon.analytics.calls;

import io.antiphon.analytics.Participant;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What is known of a call when it begins.
 *
 * @param callId names it
 * @param startedAt epoch milliseconds of media time 0; -1 if unknown
 * @param participants one for each channel, by channel from 0; at most two
 * @param attributes what the call centre says of it, such as queue and direction
 * @param answered whether the last participant is no party that is heard: what it says is told by
 *     {@link CallAnalysis#spoken}
 */
public record CallStart(
    String callId,
    long startedAt,
    List<Participant> participants,
    SortedMap<String, String> attributes,
    boolean answered) {
  public CallStart {
    participants = List.copyOf(participants);
    attributes = Collections.unmodifiableSortedMap(new TreeMap<>(attributes));
    if (callId.isBlank()) {
      throw new IllegalArgumentException("callId is empty");
    }
    if (participants.isEmpty() || participants.size() > 2) {
      throw new IllegalArgumentException(
          "participants are " + participants + ", expected one or two");
    }
    for (int channel = 0; channel < participants.size(); channel++) {
      if (participants.get(channel).channel() != channel) {
        throw new IllegalArgumentException(
            "participants are " + participants + ", expected channels 0 and 1 in order");
      }
    }
    if (answered && participants.size() < 2) {
      throw new IllegalArgumentException(
          "participants are " + participants + ", expected two in a call that is answered");
    }
  }

  /** Of a call whose participants are all heard. */
  public CallStart(
      String callId,
      long startedAt,
      List<Participant> participants,
      SortedMap<String, String> attributes) {
    this(callId, startedAt, participants, attributes, false);
  }

  /** How many channels are heard, from 0 on. */
  public int heardChannels() {
    return participants.size() - (answered ? 1 : 0);
  }
}
