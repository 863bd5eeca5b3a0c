package io.antiphon.operators;

import io.antiphon.runtime.ContextOverflowException;
import io.antiphon.runtime.GenerationEnd;
import io.antiphon.runtime.GenerationListener;
import io.antiphon.runtime.GenerationRequest;
import io.antiphon.runtime.GenerationSession;
import io.antiphon.runtime.GenerationStep;
import io.antiphon.runtime.text.PromptSegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A context that is a list of what stands at its positions. Strict about its contract. */
final class FakeResponseSession implements GenerationSession {
  private final FakeHost host;
  private final String conversation;
  private final boolean speech;
  private final List<Object> positions = new ArrayList<>();
  private Object running;
  private int generatedFrom = -1;

  FakeResponseSession(FakeHost host, String conversation, boolean speech) {
    this.host = host;
    this.conversation = conversation;
    this.speech = speech;
    host.open.add(this);
  }

  @Override
  public void append(PromptSegment segment) {
    require(running == null, "append while a generation runs");
    require(generatedFrom < 0, "append behind generated positions");
    int limit = host.settings().positionsPerRow();
    if (positions.size() + segment.positions() > limit) {
      throw new ContextOverflowException(
          conversation, positions.size() + segment.positions(), limit);
    }
    if (segment instanceof PromptSegment.Text text) {
      Arrays.stream(text.ids()).forEach(positions::add);
    } else if (segment instanceof PromptSegment.Audio audio) {
      int size = audio.count() == 0 ? 0 : audio.groups().length / audio.count();
      for (int i = 0; i < audio.count(); i++) {
        positions.add(audio.groups()[i * size]);
      }
    }
  }

  /** The context as text. */
  String prompt() {
    StringBuilder text = new StringBuilder();
    List<Byte> bytes = new ArrayList<>();
    for (Object position : positions) {
      if (position instanceof Integer id && id < 256) {
        bytes.add(id.byteValue());
        continue;
      }
      text.append(flush(bytes));
      text.append(position instanceof Float value ? "#" + value : special((Integer) position));
    }
    return text.append(flush(bytes)).toString();
  }

  private static String flush(List<Byte> bytes) {
    byte[] array = new byte[bytes.size()];
    for (int i = 0; i < array.length; i++) {
      array[i] = bytes.get(i);
    }
    bytes.clear();
    return new String(array, StandardCharsets.UTF_8);
  }

  private static String special(int id) {
    return switch (id) {
      case TestBundle.CALL_BEGIN -> "<call>";
      case TestBundle.CALL_END -> "</call>";
      default -> "";
    };
  }

  @Override
  public int length() {
    return positions.size();
  }

  @Override
  public void generate(GenerationRequest request, GenerationListener listener) {
    require(running == null, "generate while a generation runs");
    require(!request.speech() || speech, "speech in a session without");
    require(host.open.contains(this), "generate in a closed session");
    List<GenerationStep> steps = host.model().steps(prompt(), request);
    List<GenerationStep> known = request.replay();
    for (int i = 0; i < known.size(); i++) {
      require(
          known.get(i).textId() == steps.get(i).textId()
              && Arrays.equals(known.get(i).speechIds(), steps.get(i).speechIds()),
          "replayed step " + i + " is not what the same prompt gives");
    }
    generatedFrom = positions.size();
    Object generation = new Object();
    running = generation;
    host.schedule(
        () -> {
          if (running == generation) {
            listener.onPrefilled();
          }
          step(generation, steps, known.size(), request, listener);
        });
  }

  private void step(
      Object generation,
      List<GenerationStep> steps,
      int index,
      GenerationRequest request,
      GenerationListener listener) {
    if (running != generation) {
      return;
    }
    if (index == steps.size() || index == request.maximumNewPositions()) {
      running = null;
      listener.onFinished(index == steps.size() ? GenerationEnd.STOP : GenerationEnd.LENGTH);
      return;
    }
    positions.add(steps.get(index).textId());
    listener.onStep(steps.get(index));
    host.schedule(() -> step(generation, steps, index + 1, request, listener));
  }

  @Override
  public void cancel() {
    running = null;
  }

  @Override
  public void rewind(int length) {
    require(running == null, "rewind while a generation runs");
    require(length <= positions.size(), "rewind forwards");
    require(generatedFrom < 0 || length <= generatedFrom, "rewind within generated positions");
    positions.subList(length, positions.size()).clear();
    generatedFrom = -1;
  }

  @Override
  public void close() {
    running = null;
    host.open.remove(this);
  }

  private static void require(boolean condition, String otherwise) {
    if (!condition) {
      throw new IllegalStateException(otherwise);
    }
  }
}
