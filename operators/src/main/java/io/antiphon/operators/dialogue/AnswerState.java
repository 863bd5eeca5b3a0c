package io.antiphon.operators.dialogue;

import io.antiphon.operators.message.AnswerTimes;
import io.antiphon.operators.message.RequestedAnswer;
import io.antiphon.operators.state.RecordFormat;
import io.antiphon.operators.state.StateEncoding;
import io.antiphon.runtime.GenerationEnd;
import io.antiphon.runtime.GenerationStep;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Log of an answer under way.
 *
 * @param question {@link UserTurn.InContext} when it was spoken, and when the answer is over
 * @param takenMillis where the speech detector ended the turn, in milliseconds of media time; else
 *     -1
 * @param resumed which answer it goes on with, null for none
 * @param request that asked for it, null for a turn that is answered by itself
 * @param mediaMillis media time when it was asked for, as far as known then; else -1
 * @param steps decoded and sent on so far
 * @param end how the generation ended, null while it goes on
 * @param times what happened when
 */
public record AnswerState(
    int turn,
    UserTurn question,
    long takenMillis,
    @Nullable Resumption resumed,
    @Nullable RequestedAnswer request,
    long mediaMillis,
    List<GenerationStep> steps,
    @Nullable GenerationEnd end,
    AnswerTimes times) {
  static final RecordFormat<AnswerState> FORMAT =
      RecordFormat.of("answer", 1, AnswerState::write, AnswerState::read);

  /** The first step that is its own. */
  int from() {
    return resumed == null ? 0 : resumed.from();
  }

  /** The turn whose random numbers it draws. */
  int drawnTurn() {
    return resumed == null ? turn : resumed.drawnTurn();
  }

  /**
   * Media time at which the caller may have begun to hear it, in milliseconds; -1 where nothing is
   * known of media time.
   *
   * @param silenceMillis without speech that end a turn
   */
  long heardFrom(int silenceMillis) {
    if (resumed != null) {
      return resumed.atMillis();
    }
    if (request != null) {
      return mediaMillis;
    }
    return takenMillis < 0 ? -1 : takenMillis + silenceMillis;
  }

  /** The same without its question, which the history has. */
  AnswerState withoutQuestion() {
    return new AnswerState(
        turn,
        UserTurn.InContext.INSTANCE,
        takenMillis,
        resumed,
        request,
        mediaMillis,
        steps,
        end,
        times);
  }

  private static void write(AnswerState value, DataOutput out) throws IOException {
    out.writeInt(value.turn);
    UserTurn own = value.question instanceof UserTurn.InContext ? null : value.question;
    StateEncoding.writeOptional(own, UserTurn.FORMAT::put, out);
    out.writeLong(value.takenMillis);
    StateEncoding.writeOptional(value.resumed, Resumption.FORMAT::put, out);
    StateEncoding.writeOptional(value.request, RequestedAnswer.FORMAT::put, out);
    out.writeLong(value.mediaMillis);
    StepsEncoding.FORMAT.put(value.steps, out);
    StateEncoding.writeOptional(value.end, (end, to) -> to.writeUTF(end.name()), out);
    AnswerTimes.FORMAT.put(value.times, out);
  }

  private static AnswerState read(int version, DataInput in) throws IOException {
    return new AnswerState(
        in.readInt(),
        Objects.requireNonNullElse(
            StateEncoding.readOptional(UserTurn.FORMAT::get, in), UserTurn.InContext.INSTANCE),
        in.readLong(),
        StateEncoding.readOptional(Resumption.FORMAT::get, in),
        StateEncoding.readOptional(RequestedAnswer.FORMAT::get, in),
        in.readLong(),
        StepsEncoding.FORMAT.get(in),
        StateEncoding.readOptional(from -> GenerationEnd.valueOf(from.readUTF()), in),
        AnswerTimes.FORMAT.get(in));
  }
}
