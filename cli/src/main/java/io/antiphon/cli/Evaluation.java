package io.antiphon.cli;

import io.antiphon.client.Answer;
import io.antiphon.client.AnswerObserver;
import io.antiphon.client.Caller;
import io.antiphon.client.ConversationClient;
import io.antiphon.client.ConversationException;
import io.antiphon.client.Pace;
import io.antiphon.client.ScriptedDialogue;
import io.antiphon.schemas.ConversationStarted;
import io.antiphon.schemas.Mode;
import io.antiphon.serde.recording.WaveWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Holds one conversation after the other, on as many threads as call it. */
final class Evaluation {
  private final ConversationClient client;
  private final Path speechFolder;
  private final boolean transcripts;
  private final boolean realTime;
  private final Duration patience;
  private final String run = UUID.randomUUID().toString();

  Evaluation(
      ConversationClient client,
      Path speechFolder,
      boolean transcripts,
      boolean realTime,
      Duration patience) {
    this.client = client;
    this.speechFolder = speechFolder;
    this.transcripts = transcripts;
    this.realTime = realTime;
    this.patience = patience;
  }

  /** Holds the conversation of an item; what goes wrong in it stands in the result. */
  EvaluationResult converse(EvaluationItem item) throws InterruptedException, IOException {
    List<List<Answer>> turns;
    try {
      turns = turns(item);
    } catch (ConversationException e) {
      return EvaluationResult.failure(item, e.code(), e.getMessage());
    } catch (InputException e) {
      return EvaluationResult.failure(item, "unreadable-audio", e.getMessage());
    }
    float[] samples = Answer.joinedSpeech(turns.stream().flatMap(List::stream).toList());
    Optional<Path> speech = Optional.empty();
    if (samples.length > 0) {
      Path file = speechFolder.resolve(item.id() + ".wav");
      WaveWriter.write(file, 24_000, samples);
      speech = Optional.of(file);
    }
    return EvaluationResult.answered(item, turns, speech);
  }

  /** The answers of each turn of the caller, those after a tool's result included. */
  private List<List<Answer>> turns(EvaluationItem item)
      throws ConversationException, InterruptedException {
    List<Recording> recordings = item.audio().stream().map(Recording::read).toList();
    int rate = recordings.get(0).sampleRate();
    ConversationStarted start =
        ConversationOptions.start(
            item.mode(),
            recordings.get(0).format(),
            item.instructions(),
            item.tools(),
            Optional.empty(),
            transcripts && item.mode() != Mode.TRANSCRIPTION);
    List<List<Answer>> turns = new ArrayList<>();
    try (Caller caller = new Caller(client, "evaluate-" + run + "-" + item.id(), start, patience)) {
      for (int turn = 0; turn < recordings.size(); turn++) {
        turns.add(
            new ScriptedDialogue(caller, item.results().get(turn))
                .say(
                    recordings.get(turn).at(rate).samples(),
                    realTime ? Pace.REAL_TIME : Pace.IMMEDIATE,
                    AnswerObserver.NONE));
      }
    }
    return turns;
  }
}
