package io.antiphon.serde;

import io.antiphon.schemas.CompletedTurn;
import io.antiphon.schemas.ConversationFailed;
import io.antiphon.schemas.ModelIdentity;
import io.antiphon.schemas.Style;
import io.antiphon.schemas.Truncation;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a completed turn within a bound of bytes, whatever came in: texts are cut at code points,
 * lists at entries, and what is missing stands in the record's {@code truncations}. What the model
 * made, which is bounded by itself, goes before question, instructions and tools, which are not. A
 * turn within the bound stays as it is. The same turn and bound give the same record.
 */
public final class BoundedTurn {
  /** The smallest bound: ids, times and the notes of what was left out fit into it. */
  public static final int SMALLEST_BOUND = 4096;

  /** Longest conversation id in UTF-8; the id is a key and cannot be cut. */
  public static final int LONGEST_ID_BYTES = 512;

  /** What a short text keeps in a turn that has to be shortened: names, codes, tags. */
  private static final int SHORT_TEXT_BYTES = 96;

  /** What the sentence of a failure keeps. */
  private static final int MESSAGE_BYTES = 512;

  /** Notes of a turn that had some already. */
  private static final int EARLIER_NOTES = 8;

  /** What a note takes at most: two names and a number. */
  private static final int NOTE_BYTES = 64;

  /**
   * The parts that are given what is left: text, textIds, speechIds, toolCalls, question,
   * instructions, tools.
   */
  private static final int LARGE_PARTS = 7;

  /** What an Avro length, or a list's count and end, take at most. */
  private static final int FRAME_BYTES = 12;

  private final List<Truncation> truncations = new ArrayList<>();
  private final CompletedTurn.Builder made;
  private final int maximumBytes;
  private int notesToCome = LARGE_PARTS;

  private BoundedTurn(CompletedTurn turn, int maximumBytes) {
    this.made = CompletedTurn.newBuilder(turn);
    this.maximumBytes = maximumBytes;
  }

  /**
   * The turn, or a shorter one, whose encoded value has at most {@code maximumBytes}.
   *
   * @throws IllegalArgumentException when the bound is below {@link #SMALLEST_BOUND} or the
   *     conversation id is longer than {@link #LONGEST_ID_BYTES}
   */
  public static CompletedTurn of(CompletedTurn turn, int maximumBytes) {
    if (maximumBytes < SMALLEST_BOUND) {
      throw new IllegalArgumentException(
          "the bound of a completed turn is "
              + maximumBytes
              + " bytes; expected at least "
              + SMALLEST_BOUND);
    }
    long id = Utf8Lengths.bytes(turn.getConversationId());
    if (id > LONGEST_ID_BYTES) {
      throw new IllegalArgumentException(
          "a conversation id has " + id + " bytes; expected at most " + LONGEST_ID_BYTES);
    }
    return size(turn) <= maximumBytes ? turn : new BoundedTurn(turn, maximumBytes).shorten(turn);
  }

  private CompletedTurn shorten(CompletedTurn turn) {
    turn.getTruncations().stream()
        .limit(EARLIER_NOTES)
        .forEach(
            note ->
                truncations.add(
                    new Truncation(
                        Utf8Lengths.cut(note.getField(), SHORT_TEXT_BYTES / 2),
                        note.getOmitted())));
    shortTexts(turn);
    made.setText("").setTextIds(List.of()).setSpeechIds(List.of()).setToolCalls(List.of());
    made.setQuestion(null).setInstructions(null).setTools(null);
    text("text", turn.getText(), made::setText);
    list("textIds", turn.getTextIds(), made::setTextIds);
    list("speechIds", turn.getSpeechIds(), made::setSpeechIds);
    list("toolCalls", turn.getToolCalls(), made::setToolCalls);
    if (turn.getQuestion() != null) {
      text("question", turn.getQuestion(), made::setQuestion);
    }
    if (turn.getInstructions() != null) {
      text("instructions", turn.getInstructions(), made::setInstructions);
    }
    if (turn.getTools() != null) {
      list("tools", turn.getTools(), made::setTools);
    }
    return made.setTruncations(truncations).build();
  }

  private void shortTexts(CompletedTurn turn) {
    made.setTenant(cut("tenant", turn.getTenant(), SHORT_TEXT_BYTES));
    made.setTag(cut("tag", turn.getTag(), SHORT_TEXT_BYTES));
    made.setQuestionType(cut("questionType", turn.getQuestionType(), SHORT_TEXT_BYTES));
    made.setFinishReason(cut("finishReason", turn.getFinishReason(), SHORT_TEXT_BYTES));
    made.setModel(
        new ModelIdentity(
            cut("model.name", turn.getModel().getName(), SHORT_TEXT_BYTES),
            cut("model.digest", turn.getModel().getDigest(), SHORT_TEXT_BYTES)));
    Style style = turn.getStyle();
    if (style != null) {
      made.setStyle(
          Style.newBuilder(style)
              .setVoice(cut("style.voice", style.getVoice(), SHORT_TEXT_BYTES))
              .setEmotion(cut("style.emotion", style.getEmotion(), SHORT_TEXT_BYTES))
              .build());
    }
    ConversationFailed failure = turn.getFailure();
    if (failure != null) {
      made.setFailure(
          ConversationFailed.newBuilder(failure)
              .setCode(cut("failure.code", failure.getCode(), SHORT_TEXT_BYTES))
              .setMessage(cut("failure.message", failure.getMessage(), MESSAGE_BYTES))
              .build());
    }
  }

  private @Nullable String cut(String field, @Nullable String text, long bytes) {
    if (text == null) {
      return null;
    }
    String kept = Utf8Lengths.cut(text, bytes);
    if (kept.length() < text.length()) {
      truncations.add(new Truncation(field, Utf8Lengths.bytes(text) - Utf8Lengths.bytes(kept)));
    }
    return kept;
  }

  private void text(String field, String text, Consumer<String> set) {
    set.accept(cut(field, text, left()));
  }

  private <E> void list(String field, List<E> entries, Consumer<List<E>> set) {
    int left = left();
    set.accept(entries);
    int count = entries.size();
    if (size() > size(List.of(), set) + left) {
      count = fitting(entries, set, left);
      truncations.add(new Truncation(field, (long) entries.size() - count));
    }
    set.accept(List.copyOf(entries.subList(0, count)));
  }

  /** How many entries of a list fit, by halving: an entry's size is known only to the encoder. */
  private <E> int fitting(List<E> entries, Consumer<List<E>> set, int left) {
    int limit = size(List.of(), set) + left;
    int fits = 0;
    int fitsNot = entries.size();
    while (fitsNot - fits > 1) {
      int middle = (fits + fitsNot) >>> 1;
      if (size(entries.subList(0, middle), set) <= limit) {
        fits = middle;
      } else {
        fitsNot = middle;
      }
    }
    return fits;
  }

  private <E> int size(List<E> entries, Consumer<List<E>> set) {
    set.accept(entries);
    return size();
  }

  /** Bytes that the next large part may have, with its note and those of the parts after it. */
  private int left() {
    int left = maximumBytes - size() - FRAME_BYTES - NOTE_BYTES * notesToCome;
    notesToCome--;
    return Math.max(0, left);
  }

  private int size() {
    return size(made.setTruncations(truncations).build());
  }

  private static int size(CompletedTurn turn) {
    return Records.encode(turn, Integer.MAX_VALUE).length;
  }
}
