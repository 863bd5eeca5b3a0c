package io.antiphon.runtime.llm;

import io.antiphon.runtime.text.PromptSegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a conversation's context consists of: a list of positions. The key-value row is a cache of
 * it. Guarded by the engine's lock.
 */
final class PositionLog {
  private final int placeholder;
  private final int embeddingSize;
  private final List<Position> positions = new ArrayList<>();

  /**
   * @param placeholder text id that stands where only audio is
   */
  PositionLog(int placeholder, int embeddingSize) {
    this.placeholder = placeholder;
    this.embeddingSize = embeddingSize;
  }

  int length() {
    return positions.size();
  }

  /** Appends positions without steps. */
  void append(PromptSegment segment) {
    if (segment instanceof PromptSegment.Text text) {
      for (int id : text.ids()) {
        positions.add(new Position(new PositionInput.Text(id), null));
      }
    } else if (segment instanceof PromptSegment.Audio audio) {
      for (int i = 0; i < audio.count(); i++) {
        PositionInput group = new PositionInput.Group(audio.groups(), i * embeddingSize);
        positions.add(new Position(group, null));
      }
    } else if (segment instanceof PromptSegment.TextAndAudio both) {
      for (int i = 0; i < both.positions(); i++) {
        PositionInput input =
            new PositionInput.Both(both.ids()[i], both.groups(), i * embeddingSize);
        positions.add(new Position(input, null));
      }
    }
  }

  /** Appends a position at which a generation decodes a step. */
  void append(PositionInput input, Generation generation, int stepIndex) {
    positions.add(new Position(input, new Position.Step(generation, stepIndex)));
  }

  /** Leaves the last prompt position to the first step of a generation. */
  void decodeLast(Generation generation) {
    int last = positions.size() - 1;
    positions.set(last, new Position(input(last), new Position.Step(generation, 0)));
  }

  /**
   * Cuts back to {@code kept} positions. The last of them, if it was the first step of a
   * generation, is a prompt position again: now others follow it, and the reference prefills the
   * whole prompt of a turn.
   *
   * @return positions whose computed form is still right
   */
  int truncate(int kept) {
    positions.subList(kept, positions.size()).clear();
    if (kept > 0 && positions.get(kept - 1).first()) {
      positions.set(kept - 1, new Position(input(kept - 1), null));
      return kept - 1;
    }
    return kept;
  }

  /** Whether a cut there leaves no half of a generation. */
  boolean canTruncate(int kept) {
    return kept == 0
        || kept == positions.size()
        || !decoded(kept - 1)
        || positions.get(kept - 1).first();
  }

  PositionInput input(int position) {
    return positions.get(position).input();
  }

  /** The position's text id, the placeholder where it has none. */
  int textId(int position) {
    PositionInput input = input(position);
    if (input instanceof PositionInput.Text text) {
      return text.id();
    }
    return input instanceof PositionInput.Both both ? both.id() : placeholder;
  }

  boolean decoded(int position) {
    return positions.get(position).decoded();
  }

  /** The generation whose step is decoded at the position; null where none is. */
  @Nullable Generation generation(int position) {
    Position.Step step = positions.get(position).step();
    return step == null ? null : step.generation();
  }

  /** The step that is decoded at the position, where one is. */
  Position.Step step(int position) {
    return Objects.requireNonNull(positions.get(position).step(), "nothing is decoded there");
  }

  /** The index of the step that is decoded at the position, where one is. */
  int stepIndex(int position) {
    return step(position).index();
  }

  /** The first decoded position from {@code position} on, or the length. */
  int promptEnd(int position) {
    int end = position;
    while (end < positions.size() && !decoded(end)) {
      end++;
    }
    return end;
  }

  /** Whether the refined head's cache has no gap: no position was decoded without it. */
  boolean spokenThroughout() {
    return positions.stream()
        .map(Position::step)
        .allMatch(step -> step == null || step.generation().request().speech());
  }
}
