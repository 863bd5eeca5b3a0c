package io.antiphon.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.antiphon.client.Answer;
import io.antiphon.client.AnswerObserver;
import io.antiphon.client.ConversationException;
import io.antiphon.schemas.ToolCall;
import io.antiphon.serde.recording.WaveWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What {@code talk} tells: text as it comes, then calls, latencies and figures; or one JSON object
 * at the end.
 */
final class TalkReport implements AnswerObserver {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int SPEECH_RATE = 24_000;

  private final PrintWriter out;
  private final boolean json;
  private final boolean callsAreAnswered;
  private final List<Answer> answers = new ArrayList<>();
  private @Nullable Path speechFile;
  private boolean lineOpen;

  /**
   * @param callsAreAnswered whether a tool call is followed by an answer, so that the call alone is
   *     not complete
   */
  TalkReport(PrintWriter out, boolean json, boolean callsAreAnswered) {
    this.out = out;
    this.json = json;
    this.callsAreAnswered = callsAreAnswered;
  }

  /** A turn of the caller begins. */
  void turn(String what) {
    human("Caller:   " + what + "\n");
  }

  @Override
  public void onText(String piece) {
    if (!json && !lineOpen) {
      out.print("Antiphon: ");
      lineOpen = true;
    }
    human(piece);
  }

  @Override
  public void onAnswer(Answer answer) {
    answers.add(answer);
    if (lineOpen) {
      human("\n");
      lineOpen = false;
    }
    for (ToolCall call : answer.toolCalls()) {
      human("Tool:     " + call.getName() + " " + call.getArguments() + "\n");
    }
    answer.transcript().ifPresent(heard -> human("Heard:    " + heard + "\n"));
    human(StageTable.print(answer));
  }

  /**
   * Writes the speech of all answers, one after the other; none writes nothing.
   *
   * @param file null writes nothing
   * @throws InputException when it cannot be written
   */
  void speech(@Nullable Path file) {
    float[] samples = samples();
    if (file == null || samples.length == 0) {
      return;
    }
    try {
      WaveWriter.write(file, SPEECH_RATE, samples);
    } catch (IOException e) {
      throw new InputException("--out: the answer cannot be written to " + file + ": " + e, e);
    }
    speechFile = file;
    human(String.format(Locale.ROOT, "Wrote %s (%.1f s)%n", file, seconds()));
  }

  /** The last lines, or the JSON object. */
  void finish(double startupMillis) throws IOException {
    if (json) {
      out.println(JSON.writeValueAsString(object(startupMillis)));
    } else if (!complete()) {
      out.println("The answer is not complete: it ended with " + last().finishReason() + ".");
    }
    out.flush();
  }

  /** The conversation failed: the JSON object tells, for people the command's error does. */
  void failed(ConversationException failure) throws IOException {
    if (json) {
      ObjectNode object = JSON.createObjectNode();
      object.put("complete", false);
      object.putObject("error").put("code", failure.code()).put("message", failure.getMessage());
      out.println(JSON.writeValueAsString(object));
    } else if (lineOpen) {
      out.println();
    }
    out.flush();
  }

  boolean complete() {
    return last().complete() || last().callsTool() && !callsAreAnswered;
  }

  private ObjectNode object(double startupMillis) {
    ObjectNode object = JSON.createObjectNode();
    object.put("complete", complete());
    object.put("text", last().text());
    object.put("finishReason", last().finishReason().name());
    AnswerJson.toolCalls(object.putArray("toolCalls"), answers);
    object.put("speech", speechFile == null ? null : speechFile.toString());
    object.put("speechSeconds", seconds());
    object.put("startupMillis", startupMillis);
    answers.forEach(answer -> AnswerJson.answer(object.withArray("answers").addObject(), answer));
    return object;
  }

  private Answer last() {
    return answers.get(answers.size() - 1);
  }

  private double seconds() {
    return (double) samples().length / SPEECH_RATE;
  }

  private float[] samples() {
    return Answer.joinedSpeech(answers);
  }

  private void human(String text) {
    if (!json) {
      out.print(text);
      out.flush();
    }
  }
}
