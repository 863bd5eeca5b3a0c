package io.antiphon.operators;

import io.antiphon.operators.message.Seeds;
import io.antiphon.runtime.GenerationRequest;
import io.antiphon.runtime.GenerationStep;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Answers as a function of prompt, seed and turn. The prompt is written as text, {@code #} and the
 * first value of a group for each position of audio.
 */
interface FakeModel {
  /** The answer's text; {@code <call>} and {@code </call>} stand for their tokens. */
  String answer(String prompt);

  /** Echoes the last question in upper case, with the number of questions so far. */
  FakeModel ECHO =
      prompt -> {
        String question = prompt.substring(prompt.lastIndexOf("U:") + 2, prompt.lastIndexOf('\n'));
        return (prompt.split("U:", -1).length - 1) + " " + question.toUpperCase(Locale.ROOT);
      };

  /** All steps of an answer. */
  default List<GenerationStep> steps(String prompt, GenerationRequest request) {
    List<Integer> ids = new ArrayList<>();
    String text = answer(prompt);
    for (int at = 0; at < text.length(); ) {
      if (text.startsWith("<call>", at)) {
        ids.add(TestBundle.CALL_BEGIN);
        at += "<call>".length();
      } else if (text.startsWith("</call>", at)) {
        ids.add(TestBundle.CALL_END);
        at += "</call>".length();
      } else {
        int end = text.offsetByCodePoints(at, 1);
        for (byte each : text.substring(at, end).getBytes(StandardCharsets.UTF_8)) {
          ids.add(each & 0xff);
        }
        at = end;
      }
    }
    List<GenerationStep> steps = new ArrayList<>();
    boolean speaks = request.speech() && request.forceSpeech();
    if (speaks) {
      steps.add(step(0, TestBundle.AUDIO_BEGIN, group(TestBundle.SPEECH_BEGIN)));
    }
    for (int id : ids) {
      steps.add(step(steps.size(), id, speaks ? group(request, steps.size()) : null));
    }
    if (speaks) {
      steps.add(step(steps.size(), 258, group(TestBundle.SPEECH_END)));
    }
    steps.add(step(steps.size(), TestBundle.END_OF_TURN, null));
    return steps;
  }

  private static GenerationStep step(int index, int text, int[] speech) {
    return new GenerationStep(index, text, speech, speech == null ? null : speech.clone());
  }

  private static int[] group(int id) {
    return new int[] {id, id, id, id, id};
  }

  private static int[] group(GenerationRequest request, int step) {
    int[] ids = new int[TestBundle.GROUP];
    for (int i = 0; i < ids.length; i++) {
      long mixed = Seeds.of(request.seed() + ":" + request.turn() + ":" + step + ":" + i);
      ids[i] = (int) Math.floorMod(mixed, (long) TestBundle.CODES);
    }
    return ids;
  }
}
