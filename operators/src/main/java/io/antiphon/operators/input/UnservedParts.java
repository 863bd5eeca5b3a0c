package io.antiphon.operators.input;

import io.antiphon.operators.message.Failure;
import io.antiphon.operators.message.FailureCodes;
import io.antiphon.schemas.AnswerRequested;
import io.antiphon.schemas.AudioChunk;
import io.antiphon.schemas.AudioFormat;
import io.antiphon.schemas.ConversationEvent;
import io.antiphon.schemas.ConversationStarted;
import io.antiphon.schemas.KeyPressed;
import io.antiphon.schemas.Participant;
import io.antiphon.schemas.SettingsChanged;
import io.antiphon.schemas.Style;
import io.antiphon.schemas.TurnDetection;
import io.antiphon.schemas.UnknownBody;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;

/**
 * What the records can say and this dataflow does not do yet. Each part is refused by its name, so
 * that nobody takes silence for consent. Whoever builds a part takes its line out here.
 */
final class UnservedParts {
  private static final TurnDetection DEFAULT = TurnDetection.newBuilder().build();

  private UnservedParts() {}

  /** The problems of a conversation's settings. */
  static List<String> of(ConversationStarted started) {
    List<String> problems = new ArrayList<>();
    oneChannel("inputFormat", started.getInputFormat(), problems);
    oneChannel("outputFormat", started.getOutputFormat(), problems);
    for (Participant participant : started.getParticipants()) {
      expect(
          participant.getChannel() == 0,
          "participants.channel",
          participant.getChannel(),
          problems);
    }
    style(started.getStyle(), problems);
    turnDetection(started.getTurnDetection(), problems);
    return problems;
  }

  /** The problems of changed settings. */
  static List<String> of(SettingsChanged changed) {
    List<String> problems = new ArrayList<>();
    style(changed.getStyle(), problems);
    if (changed.getTurnDetection() != null) {
      turnDetection(changed.getTurnDetection(), problems);
    }
    return problems;
  }

  /** The problems of a request for an answer. */
  static List<String> of(AnswerRequested asked) {
    List<String> problems = new ArrayList<>();
    style(asked.getStyle(), problems);
    return problems;
  }

  /** Who speaks is served, how is not. */
  private static void style(Style style, List<String> problems) {
    if (style == null) {
      return;
    }
    expect(style.getRate() == null, "style.rate", style.getRate(), problems);
    expect(style.getPitch() == null, "style.pitch", style.getPitch(), problems);
    expect(style.getVolume() == null, "style.volume", style.getVolume(), problems);
    expect(style.getEmotion() == null, "style.emotion", style.getEmotion(), problems);
    expect(style.getWhisper() == null, "style.whisper", style.getWhisper(), problems);
  }

  /** The problem of an event, whatever its conversation is. */
  static Optional<Failure> of(ConversationEvent event) {
    Object body = event.getBody();
    if (body instanceof UnknownBody later) {
      return Optional.of(
          new Failure(
              FailureCodes.UNKNOWN_EVENT,
              "the event " + later.getName() + " came with a later release than this one"));
    }
    if (body instanceof AudioChunk chunk) {
      if (chunk.getChannel() != 0) {
        return unserved("AudioChunk.channel is " + chunk.getChannel() + ", expected 0");
      }
      if (chunk.getOffsetMillis() != -1) {
        return unserved("AudioChunk.offsetMillis is " + chunk.getOffsetMillis() + ", expected -1");
      }
    }
    if (body instanceof KeyPressed key) {
      if (key.getChannel() != 0) {
        return unserved("KeyPressed.channel is " + key.getChannel() + ", expected 0");
      }
      if (key.getOffsetMillis() != -1) {
        return unserved("KeyPressed.offsetMillis is " + key.getOffsetMillis() + ", expected -1");
      }
    }
    return Optional.empty();
  }

  /** A body that no rule is for. */
  static Failure body(Object body) {
    return new Failure(
        FailureCodes.UNSUPPORTED_EVENT,
        ((SpecificRecord) body).getSchema().getName() + " is not served");
  }

  private static void oneChannel(String name, AudioFormat format, List<String> problems) {
    if (format.getChannels() != 1) {
      problems.add(name + ".channels is " + format.getChannels() + ", expected 1");
    }
  }

  private static void turnDetection(TurnDetection asked, List<String> problems) {
    String name = "turnDetection.";
    if (!asked.getType().equals("speech")) {
      onlyBySpeech(asked, name, problems);
    }
  }

  /** What nobody but the speech detector can do. */
  private static void onlyBySpeech(TurnDetection asked, String name, List<String> problems) {
    expect(asked.getThreshold() == null, name + "threshold", asked.getThreshold(), problems);
    expect(
        asked.getPrefixMillis() == DEFAULT.getPrefixMillis(),
        name + "prefixMillis",
        asked.getPrefixMillis(),
        problems);
    expect(
        !asked.getInterruptsAnswer(),
        name + "interruptsAnswer",
        asked.getInterruptsAnswer(),
        problems);
    expect(
        asked.getIdleTimeoutMillis() == null,
        name + "idleTimeoutMillis",
        asked.getIdleTimeoutMillis(),
        problems);
    expect(
        asked.getUnfinishedSilenceMillis() == null,
        name + "unfinishedSilenceMillis",
        asked.getUnfinishedSilenceMillis(),
        problems);
  }

  private static void expect(boolean served, String name, Object value, List<String> problems) {
    if (!served) {
      problems.add(name + " is " + value + ", which is not served");
    }
  }

  private static Optional<Failure> unserved(String problem) {
    return Optional.of(new Failure(FailureCodes.UNSUPPORTED_EVENT, problem));
  }
}
