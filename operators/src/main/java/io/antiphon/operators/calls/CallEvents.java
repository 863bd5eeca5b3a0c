package io.antiphon.operators.calls;

import io.antiphon.analytics.Participant;
import io.antiphon.schemas.CallEvent;
import java.time.Instant;

/** Makes a call's records of {@code call-events}. Nothing that was said stands in them. */
final class CallEvents {
  static final String STARTED = "CALL_STARTED";
  static final String ENDED = "CALL_ENDED";
  static final String INTERRUPTION = "INTERRUPTION";
  static final String NON_TALK = "NON_TALK";
  static final String CATEGORY = "CATEGORY";
  static final String HOLD = "HOLD";
  static final String PAUSE = "RECORDING_PAUSE";
  static final String PARTICIPANT = "PARTICIPANT";
  static final String KEY = "KEY";
  static final String ALERT = "ALERT";

  private CallEvents() {}

  /**
   * An event that is over or lasts no time; the caller changes what is different.
   *
   * @param which tells it from others of its kind; empty where there is one
   */
  static CallEvent.Builder event(
      CallOpening opening, String kind, String which, long beginMillis, long endMillis) {
    return CallEvent.newBuilder()
        .setConversationId(opening.start().callId())
        .setTenant(opening.tenant())
        .setEventId(which.isEmpty() ? kind : kind + "-" + which)
        .setLast(true)
        .setTime(Instant.ofEpochMilli(opening.zero() + beginMillis))
        .setKind(kind)
        .setBeginMillis(beginMillis)
        .setEndMillis(endMillis);
  }

  /** What goes on: its end is told by the next revision. */
  static CallEvent.Builder begun(CallOpening opening, String kind, String which, long beginMillis) {
    return event(opening, kind, which, beginMillis, beginMillis).setLast(false).setEndMillis(null);
  }

  /** The second and last thing that is told of an event. */
  static CallEvent.Builder over(
      CallOpening opening, String kind, String which, long beginMillis, long endMillis) {
    return event(opening, kind, which, beginMillis, endMillis).setRevision(1);
  }

  static CallEvent.Builder by(CallEvent.Builder event, Participant participant) {
    return event
        .setChannel(participant.channel())
        .setParticipantId(participant.participantId())
        .setRole(participant.role());
  }
}
