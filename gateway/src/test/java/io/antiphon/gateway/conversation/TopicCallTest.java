package io.antiphon.gateway.conversation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.antiphon.gateway.server.Strand;
import io.antiphon.schemas.AnswerRequested;
import io.antiphon.schemas.AnswerStarted;
import io.antiphon.schemas.AudioChunk;
import io.antiphon.schemas.AudioFormat;
import io.antiphon.schemas.ConversationEnded;
import io.antiphon.schemas.ConversationEvent;
import io.antiphon.schemas.ConversationFailed;
import io.antiphon.schemas.ConversationStarted;
import io.antiphon.schemas.FinishReason;
import io.antiphon.schemas.InputTranscript;
import io.antiphon.schemas.Interrupted;
import io.antiphon.schemas.ItemAdded;
import io.antiphon.schemas.PlaybackAcknowledged;
import io.antiphon.schemas.SettingsChanged;
import io.antiphon.schemas.SpeechResponse;
import io.antiphon.schemas.StageLatencies;
import io.antiphon.schemas.Style;
import io.antiphon.schemas.TextDelta;
import io.antiphon.schemas.TextMessage;
import io.antiphon.schemas.TextResponse;
import io.antiphon.schemas.ToolResult;
import io.antiphon.schemas.TurnCompleted;
import io.antiphon.schemas.TurnEnded;
import io.antiphon.schemas.TurnTaken;
import io.antiphon.schemas.Usage;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TopicCallTest {
  private static final String ID = "conv_test";

  private final List<ConversationEvent> sent = new ArrayList<>();
  private static final TakeoverTokens TOKENS = new TakeoverTokens(new byte[32]);

  private final List<String> told = new ArrayList<>();
  private final Topics topics =
      new Topics() {
        @Override
        public void send(ConversationEvent event) {
          sent.add(event);
        }

        @Override
        public void forget(String conversationId) {
          told.add("forgotten");
        }
      };

  private TopicCall call(DataflowFeatures features) {
    return new TopicCall(
        ID, topics, features, TOKENS, new Strand(Runnable::run, 10_000), new Told(), new Holder());
  }

  private TopicCall started(DataflowFeatures features, TurnTaking taking) {
    TopicCall call = call(features);
    call.start(
        ConversationRequest.speech("acme", ConversationRequest.PCM_24).withTurnTaking(taking));
    sent.clear();
    return call;
  }

  private List<Class<?>> kinds() {
    return sent.stream().<Class<?>>map(event -> event.getBody().getClass()).toList();
  }

  private static TextResponse text(int turn, long sequence, Object body) {
    return new TextResponse(ID, turn, sequence, body);
  }

  private static SpeechResponse speech(int turn, long sequence, boolean last) {
    return new SpeechResponse(
        ID,
        turn,
        sequence,
        sequence * 20,
        new AudioFormat("pcm16", 24_000, 1),
        ByteBuffer.wrap(new byte[] {(byte) turn, (byte) sequence}),
        last);
  }

  private static TurnCompleted completed(FinishReason reason, long audioMillis) {
    return new TurnCompleted(
        "text", reason, new Usage(1, 1, 1, 1, 0), StageLatencies.newBuilder().build(), audioMillis);
  }

  @Test
  void recordsAreNumberedFromTheStartToTheEnd() {
    TopicCall call = call(DataflowFeatures.FIRST);
    assertThatThrownBy(() -> call.audio(new byte[2])).isInstanceOf(IllegalStateException.class);
    call.start(ConversationRequest.speech("acme", ConversationRequest.TELEPHONE));
    call.audio(new byte[200_000]);
    call.played(0, 120);
    call.interrupt();
    call.interrupt(0);
    call.end();
    call.audio(new byte[2]);
    assertThat(kinds())
        .containsExactly(
            ConversationStarted.class,
            AudioChunk.class,
            AudioChunk.class,
            AudioChunk.class,
            AudioChunk.class,
            PlaybackAcknowledged.class,
            Interrupted.class,
            Interrupted.class,
            ConversationEnded.class);
    assertThat(sent.stream().map(ConversationEvent::getBody))
        .contains(new Interrupted(null), new Interrupted(0));
    for (int i = 0; i < sent.size(); i++) {
      assertThat(sent.get(i).getSequence()).isEqualTo(i);
      assertThat(sent.get(i).getEpoch()).isZero();
    }
    ConversationStarted start = (ConversationStarted) sent.get(0).getBody();
    assertThat(start.getTenant()).isEqualTo("acme");
    assertThat(start.getTurnDetection().getType()).isEqualTo("silence");
    assertThat(start.getTurnDetection().getInterruptsAnswer())
        .as("not asked of a dataflow that does not serve it")
        .isFalse();
    assertThat(told).containsExactly("forgotten");
  }

  @Test
  void aDataflowWithoutRequestsIsAskedOnlyWhenAnAnswerIsWanted() {
    TopicCall call = started(DataflowFeatures.FIRST, TurnTaking.MANUAL);
    call.audio(new byte[4]);
    call.endTurn();
    assertThat(kinds()).containsExactly(AudioChunk.class);
    call.requestAnswer(AnswerRequest.of("r0"));
    assertThat(kinds()).containsExactly(AudioChunk.class, TurnEnded.class);

    sent.clear();
    call.toolResult("c1", "one");
    call.toolResult("c2", "two");
    assertThat(sent).isEmpty();
    call.requestAnswer(AnswerRequest.of("r1"));
    assertThat(kinds()).containsExactly(ToolResult.class, ToolResult.class);

    sent.clear();
    call.addItem(new HistoryItem.Message("a", HistoryItem.Role.USER, "Hello"), null);
    call.addItem(new HistoryItem.Message("b", HistoryItem.Role.USER, "there"), null);
    call.addItem(new HistoryItem.Message("c", HistoryItem.Role.USER, "no"), null);
    call.removeItem("c");
    call.requestAnswer(AnswerRequest.of("r2"));
    assertThat(sent)
        .extracting(ConversationEvent::getBody)
        .containsExactly(new TextMessage("Hello\nthere"));

    sent.clear();
    call.requestAnswer(AnswerRequest.of("r3"));
    assertThat(sent).isEmpty();
    assertThat(told).containsExactly("refused r3 nothing_to_answer");
  }

  @Test
  void aDataflowWithRequestsIsToldEverythingAtOnce() {
    TopicCall call = started(DataflowFeatures.ALL, TurnTaking.MANUAL);
    call.endTurn();
    call.addItem(new HistoryItem.Message("a", HistoryItem.Role.SYSTEM, "Be brief."), "root");
    call.requestAnswer(AnswerRequest.of("r0"));
    assertThat(kinds()).containsExactly(TurnEnded.class, ItemAdded.class, AnswerRequested.class);
    assertThat(((ItemAdded) sent.get(1).getBody()).getPreviousItemId()).isEmpty();
    assertThat(((AnswerRequested) sent.get(2).getBody()).getTag()).isEqualTo("r0");
    call.text(
        text(-1, 0, new ConversationFailed("unsupported", "no", false, sent.get(2).getSequence())));
    assertThat(told).containsExactly("refused r0 unsupported");
  }

  @Test
  void aVoiceThatChangesIsTold() {
    TopicCall call = call(DataflowFeatures.ALL);
    ConversationRequest first = ConversationRequest.speech("acme", ConversationRequest.TELEPHONE);
    call.start(first);
    call.update(spokenBy(first, "Bert"));
    call.update(first);
    assertThat(sent.stream().map(ConversationEvent::getBody))
        .filteredOn(SettingsChanged.class::isInstance)
        .extracting(changed -> ((SettingsChanged) changed).getStyle())
        .containsExactly(Style.newBuilder().setVoice("Bert").build(), Style.newBuilder().build());
  }

  private static ConversationRequest spokenBy(ConversationRequest settings, String voice) {
    return new ConversationRequest(
        settings.tenant(),
        settings.mode(),
        settings.instructions(),
        settings.tools(),
        settings.toolChoice(),
        settings.inputFormat(),
        settings.outputFormat(),
        voice,
        settings.maximumNewPositions(),
        settings.temperature(),
        settings.turnTaking(),
        settings.transcribe(),
        settings.attributes(),
        settings.history());
  }

  @Test
  void anAnnouncedAnswerHasItsTag() {
    TopicCall call = started(DataflowFeatures.ALL, TurnTaking.MANUAL);
    call.text(text(3, 0, new AnswerStarted("r7", false)));
    call.text(text(3, 1, new TextDelta("Hi", 40L)));
    assertThat(told).containsExactly("started 3 r7", "text 3 Hi 40");
  }

  @Test
  void aTranscriptBehindTheAnswersBeginIsOneOfTheSameTurn() {
    TopicCall call = started(DataflowFeatures.ALL, TurnTaking.MANUAL);
    call.text(text(0, 0, new TurnTaken(0, -1L)));
    call.text(text(1, 0, new AnswerStarted("r0", false)));
    call.text(text(1, 1, new TextDelta("Hi", -1L)));
    call.text(text(0, 1, new InputTranscript("hello")));
    assertThat(told)
        .containsExactly("taken 0", "started 1 r0", "text 1 Hi -1", "transcript 0 hello");
  }

  @Test
  void answersFollowEachOtherWhateverTheTopicsDo() {
    Random random = new Random(7);
    List<String> expected =
        List.of(
            "taken 0",
            "started 0 r0",
            "text 0 a -1",
            "audio 0 0",
            "audio 0 1",
            "ended 0 STOP",
            "taken 1",
            "transcript 1 what",
            "started 1 null",
            "text 1 b -1",
            "audio 1 0",
            "ended 1 INTERRUPTED",
            "taken 2",
            "started 2 null",
            "ended 2 FAILED empty-turn");
    for (int round = 0; round < 500; round++) {
      told.clear();
      TopicCall call = started(DataflowFeatures.FIRST, TurnTaking.MANUAL);
      call.endTurn();
      call.requestAnswer(AnswerRequest.of("r0"));
      List<TextResponse> texts =
          List.of(
              text(0, 0, new TextDelta("a", -1L)),
              text(0, 1, completed(FinishReason.STOP, 40)),
              text(1, 0, new InputTranscript("what")),
              text(1, 1, new TextDelta("b", -1L)),
              text(1, 2, completed(FinishReason.INTERRUPTED, 20)),
              text(2, 0, new ConversationFailed("empty-turn", "no audio", false, -1L)),
              text(2, 1, completed(FinishReason.FAILED, 0)));
      List<SpeechResponse> pieces =
          List.of(speech(0, 0, false), speech(0, 1, true), speech(1, 0, true));
      int t = 0;
      int s = 0;
      while (t < texts.size() || s < pieces.size()) {
        if (s == pieces.size() || (t < texts.size() && random.nextBoolean())) {
          call.text(texts.get(t));
          t = repeated(random, t);
        } else {
          call.speech(pieces.get(s));
          s = repeated(random, s);
        }
      }
      // Within an answer text and audio come as they like; what else there is has its place.
      assertThat(told).containsExactlyInAnyOrderElementsOf(expected);
      for (int turn = 0; turn < 3; turn++) {
        String number = String.valueOf(turn);
        List<String> own =
            told.stream()
                .filter(e -> e.split(" ", -1)[1].equals(number))
                .filter(e -> !e.startsWith("taken") && !e.startsWith("transcript"))
                .toList();
        assertThat(own.get(0)).startsWith("started");
        assertThat(own.get(own.size() - 1)).startsWith("ended");
        assertThat(told.indexOf(own.get(0)))
            .isGreaterThan(turn == 0 ? -1 : told.indexOf(ended(told, turn - 1)));
        assertThat(own.stream().filter(e -> e.startsWith("audio")).toList()).isSorted();
      }
    }
  }

  private static String ended(List<String> events, int turn) {
    return events.stream().filter(e -> e.startsWith("ended " + turn)).findFirst().orElseThrow();
  }

  /** After a restart the topics repeat themselves. */
  private static int repeated(Random random, int position) {
    return random.nextInt(5) == 0 ? Math.max(0, position - random.nextInt(3)) : position + 1;
  }

  @Test
  void anotherNodeGoesOnInAHigherEpochAndCountsAnew() {
    TopicCall first = started(DataflowFeatures.ALL, TurnTaking.MANUAL);
    String token =
        first
            .takeover(ConversationRequest.speech("x", ConversationRequest.TELEPHONE))
            .orElseThrow();
    TakeoverTokens.Standing standing = TOKENS.read(token).orElseThrow();
    assertThat(standing.conversationId()).isEqualTo(ID);
    assertThat(standing.epoch()).isZero();
    assertThat(standing.inputFormat()).isEqualTo(ConversationRequest.PCM_24);
    assertThat(standing.answersTurns()).isFalse();

    ResumePoint point = new ResumePoint(ID, "acme", 3, 400, Optional.of(token));
    TopicCall second =
        new TopicCall(
            point,
            standing,
            7,
            topics,
            DataflowFeatures.ALL,
            TOKENS,
            new Strand(Runnable::run, 10_000),
            new Told(),
            new Holder());
    assertThat(second.started()).isTrue();
    second.audio(new byte[960]);
    second.end();
    assertThat(sent).extracting(ConversationEvent::getEpoch).containsExactly(7, 7);
    assertThat(sent).extracting(ConversationEvent::getSequence).containsExactly(0L, 1L);
    String again =
        second
            .takeover(ConversationRequest.speech("x", ConversationRequest.TELEPHONE))
            .orElseThrow();
    assertThat(TOKENS.read(again).orElseThrow().epoch()).isEqualTo(7);
  }

  @Test
  void aTokenThatNoNodeMadeIsNone() {
    String token =
        started(DataflowFeatures.ALL, TurnTaking.MANUAL)
            .takeover(ConversationRequest.speech("x", ConversationRequest.TELEPHONE))
            .orElseThrow();
    assertThat(new TakeoverTokens(new byte[] {1}).read(token)).isEmpty();
    for (int i = 0; i < token.length(); i++) {
      char other = token.charAt(i) == 'A' ? 'B' : 'A';
      String changed = token.substring(0, i) + other + token.substring(i + 1);
      // The last character of either part holds bits that nobody reads.
      TOKENS
          .read(changed)
          .ifPresent(s -> assertThat(s).isEqualTo(TOKENS.read(token).orElseThrow()));
    }
    for (String wrong : List.of("", ".", "a.b", token + ".", "A".repeat(5_000) + ".A")) {
      assertThat(TOKENS.read(wrong)).isEmpty();
    }
    assertThat(
            started(DataflowFeatures.FIRST, TurnTaking.MANUAL)
                .takeover(ConversationRequest.speech("x", ConversationRequest.TELEPHONE)))
        .isEmpty();
  }

  @Test
  void aCallerThatDoesNotTakeItsAnswersIsLost() {
    List<Runnable> waiting = new ArrayList<>();
    Strand stuck = new Strand(waiting::add, 3);
    TopicCall call =
        new TopicCall(ID, topics, DataflowFeatures.FIRST, TOKENS, stuck, new Told(), new Holder());
    for (int i = 0; i < 5; i++) {
      call.text(text(0, i, new TextDelta("x", -1L)));
    }
    waiting.forEach(Runnable::run);
    assertThat(told).contains("forgotten").anyMatch(e -> e.startsWith("lost"));
  }

  private static final class Holder implements TopicCall.Holder {
    @Override
    public void parked(TopicCall call) {}

    @Override
    public void ended(TopicCall call) {}
  }

  private final class Told implements CallListener {
    @Override
    public void turnTaken(int turn, long audioMillis) {
      told.add("taken " + turn);
    }

    @Override
    public void transcript(int turn, String text) {
      told.add("transcript " + turn + " " + text);
    }

    @Override
    public void answerStarted(int turn, @Nullable String tag) {
      told.add("started " + turn + " " + tag);
    }

    @Override
    public void text(int turn, String text, long offsetMillis) {
      told.add("text " + turn + " " + text + " " + offsetMillis);
    }

    @Override
    public void audio(int turn, AudioPiece piece) {
      assertThat(piece.bytes()).containsExactly((byte) turn, (byte) piece.sequence());
      told.add("audio " + turn + " " + piece.sequence());
    }

    @Override
    public void toolCall(int turn, String callId, String name, String arguments) {
      told.add("call " + turn + " " + name);
    }

    @Override
    public void answerEnded(int turn, AnswerEnd end) {
      told.add(
          "ended "
              + turn
              + " "
              + end.finishReason()
              + (end.failure() == null ? "" : " " + end.failure().code()));
    }

    @Override
    public void answerRefused(String tag, String code, String message) {
      told.add("refused " + tag + " " + code);
    }

    @Override
    public void refused(String reason, long retryAfterMillis) {
      told.add("refused " + reason);
    }

    @Override
    public void failed(String code, String message, boolean terminal) {
      told.add("failed " + code);
    }

    @Override
    public void lost(String message) {
      told.add("lost " + message);
    }
  }
}
