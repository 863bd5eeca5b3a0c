package io.antiphon.operators.dialogue;

import io.antiphon.operators.message.AnswerOutcome;
import io.antiphon.operators.message.AnswerTimes;
import io.antiphon.operators.message.Clock;
import io.antiphon.operators.message.ConversationSettings;
import io.antiphon.operators.message.Failure;
import io.antiphon.operators.message.FailureCodes;
import io.antiphon.operators.message.OutputMessage;
import io.antiphon.operators.message.OutputMessage.AnswerCompleted;
import io.antiphon.operators.message.OutputMessage.AnswerStarted;
import io.antiphon.operators.message.OutputMessage.SpeechEnded;
import io.antiphon.operators.message.OutputMessage.SpeechTokens;
import io.antiphon.operators.message.OutputMessage.Text;
import io.antiphon.operators.message.RequestedAnswer;
import io.antiphon.runtime.Bundle;
import io.antiphon.runtime.GenerationEnd;
import io.antiphon.runtime.GenerationStep;
import io.antiphon.runtime.manifest.Manifest;
import io.antiphon.runtime.text.TextStream;
import io.antiphon.schemas.AudioFormat;
import io.antiphon.schemas.ConversationFailed;
import io.antiphon.schemas.FinishReason;
import io.antiphon.schemas.InputTranscript;
import io.antiphon.schemas.TextDelta;
import io.antiphon.schemas.TextResponse;
import io.antiphon.schemas.ToolCall;
import io.antiphon.schemas.TurnTaken;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One answer in the making: from decoded steps to messages. Owns its steps, its text, its tool
 * calls and the sequence numbers of its text records. Everything that leaves is a function of the
 * steps, so that the same steps after a restore give the same records.
 */
final class AnswerBuilder {
  private final String conversation;
  private final ConversationSettings settings;
  private final int turn;
  private final UserTurn question;
  private final long takenMillis;
  private final @Nullable Resumption resumed;
  private final Set<String> tools;
  private final @Nullable RequestedAnswer request;
  private final boolean opened;
  private final long mediaMillis;
  private final Manifest manifest;
  private final String modelDigest;
  private final TextStream stream;
  private final ToolCallScanner scanner;
  private final Consumer<OutputMessage> out;
  private final List<GenerationStep> steps = new ArrayList<>();
  private final StringBuilder whole = new StringBuilder();
  private final StringBuilder shown = new StringBuilder();
  private Consumer<OutputMessage> now;
  private @Nullable GenerationEnd end;
  private AnswerTimes times;
  private int promptPositions;
  private int audioGroups;
  private int speechTokens;
  private int heardBefore;
  private long sequence;

  /**
   * @param settings that it is made with
   * @param tools names of those that the model may call
   * @param question {@link UserTurn.InContext} when it was spoken
   * @param takenMillis where the speech detector ended the turn, in milliseconds of media time;
   *     else -1
   * @param resumed which answer it goes on with, null for none
   * @param request that asked for it, null for a turn that is answered by itself
   * @param opening with which its text begins, before the model goes on; empty for none
   * @param mediaMillis media time when it was asked for, as far as known then; else -1
   */
  AnswerBuilder(
      String conversation,
      ConversationSettings settings,
      Set<String> tools,
      int turn,
      UserTurn question,
      long takenMillis,
      @Nullable Resumption resumed,
      @Nullable RequestedAnswer request,
      String opening,
      long mediaMillis,
      AnswerTimes times,
      Bundle bundle,
      Consumer<OutputMessage> out) {
    this.conversation = conversation;
    this.settings = settings;
    this.tools = tools;
    this.turn = turn;
    this.question = question;
    this.takenMillis = takenMillis;
    this.resumed = resumed;
    this.request = request;
    this.mediaMillis = mediaMillis;
    this.times = times;
    this.manifest = bundle.manifest();
    this.modelDigest = bundle.digest();
    this.stream = bundle.tokenizer().stream();
    this.scanner =
        new ToolCallScanner(bundle.prompts().toolCallBegin(), bundle.prompts().toolCallEnd());
    this.out = out;
    this.now = out;
    opened = !opening.isEmpty();
    whole.append(opening);
    scanner.append(opening);
  }

  int turn() {
    return turn;
  }

  boolean spoken() {
    return question instanceof UserTurn.InContext;
  }

  UserTurn question() {
    return question;
  }

  List<GenerationStep> steps() {
    return steps;
  }

  /** How the generation ended, null while it goes on. */
  @Nullable GenerationEnd end() {
    return end;
  }

  void end(GenerationEnd how) {
    end = how;
  }

  /** What the model wrote, tool calls included: the history's form. */
  String text() {
    return whole.toString();
  }

  /** Tool calls by their ids; known when the answer is finished, none when one is malformed. */
  Map<String, ToolCallScanner.Call> calls() {
    Map<String, ToolCallScanner.Call> calls = new LinkedHashMap<>();
    if (scanner.problem() != null || notOffered().isPresent()) {
      return calls;
    }
    for (int i = 0; i < scanner.calls().size(); i++) {
      calls.put("call-" + turn + "-" + i, scanner.calls().get(i));
    }
    return calls;
  }

  /** Milliseconds of speech so far. */
  long audioMillis() {
    return speechTokens * 1000L / manifest.audio().tokenRate();
  }

  void prompt(int positions, int groups) {
    promptPositions = positions;
    audioGroups = groups;
  }

  /**
   * @param format of the audio, null when the answer cannot speak
   * @param voice who speaks it
   */
  void begin(@Nullable AudioFormat format, String voice) {
    if (format != null) {
      now.accept(new AnswerStarted(conversation, turn, format, voice));
    }
  }

  /**
   * Tells where the turn ended, when the speech detector found it, and that an answer to no turn
   * begins.
   */
  void announce() {
    if (takenMillis >= 0) {
      respond(new TurnTaken(0, takenMillis));
    }
    if (request != null) {
      respond(new io.antiphon.schemas.AnswerStarted(request.tag(), request.outOfBand()));
    } else if (resumed != null) {
      respond(new io.antiphon.schemas.AnswerStarted("", false));
    }
  }

  /** That asked for it; null for a turn that is answered by itself. */
  @Nullable RequestedAnswer request() {
    return request;
  }

  /** Whether the text had begun before the model went on with it. */
  boolean opened() {
    return opened;
  }

  /** Tells of a turn that is not answered by itself. */
  void keep() {
    respond(new TurnTaken(0, takenMillis));
  }

  /** Tells what was said in a turn that was kept; null where it is not known. */
  void transcribed(@Nullable String transcript) {
    if (transcript != null) {
      respond(new InputTranscript(transcript));
    }
  }

  /** Tells why the turn has no answer, or cannot be used where it was kept. */
  void unusable(Failure failure) {
    respond(new ConversationFailed(failure.code(), failure.message(), false, -1L));
  }

  /** The same after a restore, when it has been told. */
  void kept() {
    sequence++;
  }

  /** The turn whose random numbers are drawn. */
  int drawnTurn() {
    return resumed == null ? turn : resumed.drawnTurn();
  }

  /** Characters of the text that belong to the answer that it goes on with. */
  int heardBefore() {
    return heardBefore;
  }

  /** Takes the steps of an answer that was stopped: those that were not heard are sent again. */
  void goOn(AnswerState stopped) {
    take(stopped.steps());
    end = stopped.end();
  }

  private void take(List<GenerationStep> known) {
    skip(known.subList(0, from()));
    known.subList(from(), known.size()).forEach(this::step);
  }

  /** The first step that is its own. */
  private int from() {
    return resumed == null ? 0 : resumed.from();
  }

  private void skip(List<GenerationStep> heard) {
    for (GenerationStep step : heard) {
      steps.add(step);
      String piece = stream.append(step.textId());
      whole.append(piece);
      scanner.append(piece);
    }
    heardBefore = whole.length();
  }

  /** Takes steps that were sent on before. */
  void replay(List<GenerationStep> known) {
    now = message -> {};
    announce();
    AnswerTimes before = times;
    take(known);
    times = before;
    now = out;
  }

  /** The prompt is in the cache; after a restore again, and only the first time counts. */
  void prefilled() {
    if (times.prefilled() < 0) {
      times = times.withPrefilled(Clock.nowMillis());
    }
  }

  void step(GenerationStep step) {
    steps.add(step);
    String piece = stream.append(step.textId());
    if (times.firstText() < 0) {
      times = times.withFirstText(Clock.nowMillis());
    }
    text(piece);
    if (step.speechIds() == null) {
      return;
    }
    int[] ids = audible(step, manifest);
    if (ids.length > 0) {
      if (times.firstSpeech() < 0) {
        times = times.withFirstSpeech(Clock.nowMillis());
      }
      speechTokens += ids.length;
      now.accept(new SpeechTokens(conversation, turn, ids));
    }
    if (Arrays.stream(step.speechIds()).anyMatch(id -> id == manifest.speechIds().end())) {
      now.accept(new SpeechEnded(conversation, turn));
    }
  }

  /** The speech ids of a step that become sound. */
  static int[] audible(GenerationStep step, Manifest manifest) {
    if (step.speechIds() == null) {
      return new int[0];
    }
    int codes = manifest.speechIds().codes();
    return Arrays.stream(step.speechIds()).filter(id -> id >= 0 && id < codes).toArray();
  }

  private void text(String piece) {
    whole.append(piece);
    show(scanner.append(piece));
  }

  private void show(String text) {
    if (!text.isEmpty()) {
      shown.append(text);
      // Text is made ahead of the speech and not aligned with it (see HeardText): when it will be
      // spoken is not known when it leaves, and a guess would be taken for a time.
      respond(new TextDelta(text, -1L));
    }
  }

  /**
   * Ends the answer.
   *
   * @param reason as the generation or the caller gave it; calls and their problems overrule STOP
   *     and LENGTH
   * @param transcript of the question, or null
   */
  void complete(FinishReason reason, @Nullable String transcript) {
    FinishReason result = reason;
    Failure failure = null;
    List<ToolCall> asked = List.of();
    if (reason == FinishReason.STOP || reason == FinishReason.LENGTH) {
      text(stream.finish());
      show(scanner.finish());
      if (scanner.problem() != null) {
        failure = new Failure(FailureCodes.MALFORMED_TOOL_CALL, scanner.problem());
        unusable(failure);
        result = FinishReason.FAILED;
      } else if (notOffered().isPresent()) {
        failure =
            new Failure(
                FailureCodes.TOOL_NOT_OFFERED,
                "the model called the tool '" + notOffered().get() + "', expected one of " + tools);
        unusable(failure);
        result = FinishReason.FAILED;
      } else if (!scanner.calls().isEmpty()) {
        asked = toolCalls();
        asked.forEach(this::respond);
        result = FinishReason.TOOL_CALL;
      }
    }
    if (transcript != null) {
      respond(new InputTranscript(transcript));
    }
    completed(result, transcript, asked, failure);
  }

  /** A tool that was called and is not offered; its call never leaves. */
  private Optional<String> notOffered() {
    return scanner.calls().stream()
        .map(ToolCallScanner.Call::name)
        .filter(name -> !tools.contains(name))
        .findFirst();
  }

  private List<ToolCall> toolCalls() {
    List<ToolCall> asked = new ArrayList<>();
    calls().forEach((id, call) -> asked.add(new ToolCall(id, call.name(), call.arguments())));
    return asked;
  }

  /** Ends the answer before it began. */
  void fail(Failure failure) {
    unusable(failure);
    completed(FinishReason.FAILED, null, List.of(), failure);
  }

  private void completed(
      FinishReason reason,
      @Nullable String transcript,
      List<ToolCall> asked,
      @Nullable Failure failure) {
    List<GenerationStep> own = steps.subList(Math.min(from(), steps.size()), steps.size());
    AnswerOutcome outcome =
        new AnswerOutcome(
            turn,
            sequence++,
            settings.tenant(),
            request == null ? "" : request.tag(),
            question.type(),
            spoken() ? transcript : question.text(),
            settings.instructions(),
            settings.tools(),
            asked,
            failure,
            shown.toString(),
            reason,
            promptPositions,
            audioGroups,
            own.size(),
            speechTokens,
            times,
            manifest.name(),
            modelDigest,
            own.isEmpty() ? null : settings.drawing(conversation, manifest),
            own.stream().mapToInt(GenerationStep::textId).toArray(),
            own.stream()
                .filter(step -> step.speechIds() != null)
                .flatMapToInt(step -> Arrays.stream(step.speechIds()))
                .toArray());
    now.accept(new AnswerCompleted(conversation, outcome));
  }

  private void respond(Object body) {
    now.accept(new Text(conversation, response(body)));
  }

  private TextResponse response(Object body) {
    return new TextResponse(conversation, turn, sequence++, body);
  }

  AnswerState log() {
    return new AnswerState(
        turn, question, takenMillis, resumed, request, mediaMillis, List.copyOf(steps), end, times);
  }
}
