package io.antiphon.operators.calls;

import io.antiphon.analytics.Participant;
import io.antiphon.analytics.Word;
import io.antiphon.analytics.calls.CallMoment;
import io.antiphon.analytics.calls.ParticipantSummary;
import io.antiphon.analytics.calls.TranscriptSegment;
import io.antiphon.analytics.calls.WrittenSummary;
import io.antiphon.analytics.figures.Interruption;
import io.antiphon.analytics.records.CallRecords;
import io.antiphon.analytics.rules.CategoryMatch;
import io.antiphon.analytics.rules.RuleSet;
import io.antiphon.analytics.rules.RuleSetException;
import io.antiphon.analytics.rules.RuleSetReader;
import io.antiphon.analytics.speech.Utterance;
import io.antiphon.operators.input.EventOrder;
import io.antiphon.operators.input.SequenceGap;
import io.antiphon.operators.message.Failure;
import io.antiphon.operators.message.FailureCodes;
import io.antiphon.operators.message.InboundEvent;
import io.antiphon.operators.message.InboundRecord;
import io.antiphon.operators.settings.OperatorSettings;
import io.antiphon.operators.state.RecordFormat;
import io.antiphon.operators.state.StateEncoding;
import io.antiphon.runtime.SpeechDetector;
import io.antiphon.schemas.AudioChunk;
import io.antiphon.schemas.CallEvent;
import io.antiphon.schemas.CallFigures;
import io.antiphon.schemas.CallInterval;
import io.antiphon.schemas.CallMetrics;
import io.antiphon.schemas.CallSegment;
import io.antiphon.schemas.CallSummary;
import io.antiphon.schemas.ConversationEnded;
import io.antiphon.schemas.ConversationStarted;
import io.antiphon.schemas.HoldEnded;
import io.antiphon.schemas.HoldStarted;
import io.antiphon.schemas.InputQuality;
import io.antiphon.schemas.KeyPressed;
import io.antiphon.schemas.ModelIdentity;
import io.antiphon.schemas.ParticipantChanged;
import io.antiphon.schemas.PlaybackAcknowledged;
import io.antiphon.schemas.RecordingPaused;
import io.antiphon.schemas.RecordingResumed;
import io.antiphon.schemas.ToolResult;
import io.antiphon.schemas.UnknownBody;
import io.antiphon.serde.audio.MalformedAudioException;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One call of {@code audio-chunks}, from its records to what is told of it. Owns the order of its
 * records, its channels, its analysis and the utterances whose texts are awaited.
 *
 * <p>Every call that begins gets one summary, however it ends. A record that cannot be used becomes
 * one dead letter. What is meant for a conversation with the model, and not for a listener, is
 * passed over. A call that has ended is remembered for the idle timeout, so that what comes late is
 * recognised.
 */
final class LiveCall {
  /** Where everything goes. */
  interface Outlet {
    void segment(CallSegment segment);

    /** An utterance before redaction; only where that is asked for. */
    void original(CallSegment segment);

    void event(CallEvent event);

    void metrics(CallMetrics metrics);

    void summary(CallSummary summary);

    void deadLetter(InboundRecord record, Failure failure);

    /**
     * An utterance whose text is awaited by {@link LiveCall#text}.
     *
     * @param endMillis {@link CallStream#WHOLE}, or where what was said of it so far ends
     */
    void recognise(int channel, int number, long endMillis, short[] samples);

    /** A call whose summary's text is awaited by {@link LiveCall#summaryText}. */
    void summarize(List<TranscriptSegment> transcript);

    /** A record was none for a listener. */
    void ignored();
  }

  static final String ENDED = "ENDED";
  static final String IDLE_TIMEOUT = "IDLE_TIMEOUT";
  static final String END_OF_INPUT = "END_OF_INPUT";

  /** Version of the rules where none are in force. */
  private static final RuleSet NO_RULES = RuleSet.NONE;

  /** How far one channel may be ahead; then the other is taken for silent, and that counts lost. */
  private static final long LONGEST_LEAD_MILLIS = 30_000;

  private static final RecordFormat<LiveCall> FORMAT =
      RecordFormat.into("call", 3, LiveCall::write, LiveCall::read);

  /** How long answers wait for a call that has not begun: its own topic may be far behind. */
  private static final long ANSWERS_KEPT_MILLIS = 3_600_000;

  private enum Phase {
    NEW,
    OPEN,
    /** Over, but for texts that are awaited; that of the summary is the last one. */
    OVER,
    ENDED
  }

  /**
   * @param beginMillis media time of the first sample; {@value #UNKNOWN} in state of version 1
   */
  private record Pending(
      int channel, int number, long endMillis, long beginMillis, short[] samples) {}

  private static final long UNKNOWN = -1;

  /** Somebody is on a channel from a media time on. */
  private record Joined(Participant participant, long millis) {}

  private final String id;
  private final CallSettings calls;
  private final OperatorSettings settings;
  private final SpeechDetector detector;
  private final ModelIdentity model;
  private final Outlet outlet;
  private final EventOrder order;
  private final List<Pending> pending = new ArrayList<>();
  private final List<Joined> joined = new ArrayList<>();
  private final List<CallChannel> channels = new ArrayList<>();
  private final SpokenAnswers answers = new SpokenAnswers();
  private Phase phase = Phase.NEW;
  private long lastRecordAt;
  private @Nullable CallOpening opening;
  private String rules = "";
  private @Nullable CallStream stream;

  /** Sequence number of the last record that was used. */
  private long used = -1;

  /** Records missing before what comes next; by channel, until the next chunk tells how long. */
  private boolean[] missing = new boolean[0];

  private long lostChunks;
  private long unknownEvents;
  private int holds;
  private long holdSince = -1;
  private int pauses;
  private long pauseSince = -1;
  private int keys;

  /**
   * Whether the summary's text is awaited: nothing that comes changes the summary any more. Not
   * kept in state, since it is asked for again.
   */
  private boolean summarized;

  /** Records of call-metrics so far. */
  private long metrics;

  /**
   * @param model which model listens
   * @param now in milliseconds
   */
  LiveCall(
      String id,
      CallSettings calls,
      SpeechDetector detector,
      ModelIdentity model,
      long now,
      Outlet outlet) {
    this.id = id;
    this.calls = calls;
    this.settings = calls.operators();
    this.detector = detector;
    this.model = model;
    this.outlet = outlet;
    this.lastRecordAt = now;
    this.order = new EventOrder(settings.reorderWindow(), settings.reorderWait().toMillis());
  }

  void accept(RuledEvent ruled, long now) {
    lastRecordAt = now;
    InboundEvent event = ruled.event();
    long sequence = event.event().getSequence();
    int epoch = event.event().getEpoch();
    if (epoch < 0) {
      refuse(event, FailureCodes.INVALID_EPOCH, "epoch is " + epoch + ", expected at least 0");
      return;
    }
    if (sequence < 0 || sequence > EventOrder.LARGEST_SEQUENCE) {
      refuse(
          event,
          FailureCodes.INVALID_SEQUENCE,
          "sequence is " + sequence + ", expected 0 to " + EventOrder.LARGEST_SEQUENCE);
      return;
    }
    if (epoch > order.epoch()) {
      giveUpMissing();
      order.begin(epoch);
      used = -1;
    }
    if (phase == Phase.NEW && event.event().getBody() instanceof ConversationStarted) {
      rules = ruled.rules();
      order.start(sequence).forEach(this::notStarted);
    }
    switch (order.offer(event, now)) {
      case NOW -> {
        use(event);
        useReady();
      }
      case HELD -> {
        while (order.overfull()) {
          SequenceGap gap = order.giveUp();
          if (gap != null) {
            lost(gap);
          }
          useReady();
        }
      }
      case REPLAYED, DUPLICATE ->
          refuse(event, FailureCodes.DUPLICATE, "sequence " + sequence + " was there before");
      case STALE ->
          refuse(
              event,
              FailureCodes.STALE_EPOCH,
              "epoch is " + epoch + ", but a producer of epoch " + order.epoch() + " took over");
      case JUMP -> {
        if (phase == Phase.NEW) {
          notStarted(event);
        } else {
          refuse(
              event,
              FailureCodes.SEQUENCE_JUMP,
              "sequence "
                  + sequence
                  + " is more than "
                  + settings.reorderWindow()
                  + " ahead of what is expected");
        }
      }
      case TRUSTED_JUMP -> {
        giveUpMissing();
        lost(order.resume(sequence));
        use(event);
      }
    }
  }

  /** An answer of an agent of this house, at any time. */
  void accept(CallAnswer answer, long now) {
    boolean wanted =
        phase == Phase.NEW || (opening != null && opening().start().answered() && !summarized);
    if (!wanted || !answers.completed(answer)) {
      outlet.ignored();
    } else if (phase == Phase.NEW) {
      lastRecordAt = now;
    } else {
      summarise();
    }
  }

  /** Whether the call has not begun and nothing of it waits: there is nothing to keep. */
  boolean unknown() {
    return phase == Phase.NEW && !order.holds() && answers.isEmpty();
  }

  /** When {@link #due} has something to do, in milliseconds. */
  long deadline() {
    return Math.min(order.deadline(), lastRecordAt + patienceMillis());
  }

  private long patienceMillis() {
    long idle = settings.idleTimeout().toMillis();
    boolean onlyAnswers = phase == Phase.NEW && !answers.isEmpty();
    return onlyAnswers ? Math.max(idle, ANSWERS_KEPT_MILLIS) : idle;
  }

  /**
   * Does what time asks for.
   *
   * @return false when the call can be forgotten
   */
  boolean due(long now) {
    if (order.deadline() <= now) {
      giveUpMissing();
    }
    if (unknown()) {
      return false;
    }
    if (lastRecordAt + patienceMillis() > now) {
      return true;
    }
    lastRecordAt = now;
    if (phase == Phase.OPEN) {
      end(IDLE_TIMEOUT);
      return true;
    }
    boolean over = phase == Phase.OVER;
    giveUpAnswers();
    return over;
  }

  /** No more records will come. */
  void finish() {
    giveUpMissing();
    if (phase == Phase.OPEN) {
      end(END_OF_INPUT);
    }
    giveUpAnswers();
  }

  private CallOpening opening() {
    return Objects.requireNonNull(opening, "the call has not begun");
  }

  private CallStream stream() {
    return Objects.requireNonNull(stream, "the call has not begun");
  }

  /** What is missing of the agent's own records is not waited for any more. */
  private void giveUpAnswers() {
    if (phase == Phase.OVER) {
      answers.giveUp();
      summarise();
    }
  }

  /**
   * The text of an utterance.
   *
   * @param endMillis {@link CallStream#WHOLE}, or where what was said of it so far ends
   * @param words with times from its first sample on; null if it could not be recognised
   */
  void text(int channel, int number, long endMillis, @Nullable List<Word> words) {
    Pending asked =
        pending.stream()
            .filter(
                each ->
                    each.channel() == channel
                        && each.number() == number
                        && each.endMillis() == endMillis)
            .findFirst()
            .orElseThrow();
    pending.remove(asked);
    stream().text(channel, number, endMillis, words == null ? null : inMediaTime(asked, words));
    summarise();
  }

  private static List<Word> inMediaTime(Pending asked, List<Word> words) {
    return asked.beginMillis() == UNKNOWN
        ? words.stream().map(word -> new Word(word.text(), -1, -1)).toList()
        : Transcriber.since(asked.beginMillis(), words);
  }

  private void useReady() {
    for (InboundEvent event = order.ready(); event != null; event = order.ready()) {
      use(event);
    }
  }

  private void giveUpMissing() {
    for (SequenceGap gap = order.giveUp(); gap != null; gap = order.giveUp()) {
      lost(gap);
      useReady();
    }
  }

  private void lost(SequenceGap gap) {
    if (phase == Phase.OPEN) {
      lostChunks += gap.last() - gap.first() + 1;
      Arrays.fill(missing, true);
    }
  }

  private void use(InboundEvent event) {
    Object body = event.event().getBody();
    boolean late = event.event().getSequence() < used;
    used = Math.max(used, event.event().getSequence());
    if (phase == Phase.OVER || phase == Phase.ENDED) {
      refuse(event, FailureCodes.CONVERSATION_ENDED, "the call is over");
    } else if (body instanceof ConversationStarted started) {
      start(event, started);
    } else if (phase == Phase.NEW) {
      notStarted(event);
    } else if (body instanceof AudioChunk chunk) {
      append(event, chunk, late);
    } else if (body instanceof HoldStarted hold) {
      hold(event, hold.getChannel(), hold.getOffsetMillis(), true);
    } else if (body instanceof HoldEnded hold) {
      hold(event, hold.getChannel(), hold.getOffsetMillis(), false);
    } else if (body instanceof RecordingPaused pause) {
      pause(pause.getOffsetMillis(), true);
    } else if (body instanceof RecordingResumed pause) {
      pause(pause.getOffsetMillis(), false);
    } else if (body instanceof ParticipantChanged change) {
      join(event, change);
    } else if (body instanceof KeyPressed key) {
      press(event, key);
    } else if (body instanceof PlaybackAcknowledged report && opening().start().answered()) {
      answers.reported(report.getTurn(), report.getPlayedMillis(), channels.get(0).millis());
    } else if (body instanceof ToolResult result && opening().start().answered()) {
      answers.result(result.getCallId());
    } else if (body instanceof ConversationEnded) {
      end(ENDED);
    } else if (body instanceof UnknownBody) {
      unknownEvents++;
    } else {
      outlet.ignored();
    }
  }

  private void start(InboundEvent event, ConversationStarted started) {
    if (phase == Phase.OPEN) {
      refuse(event, FailureCodes.ALREADY_STARTED, "the call has started already");
      return;
    }
    long time = event.event().getTime();
    try {
      open(CallOpening.of(id, started, time, calls.answered()), rules);
    } catch (CallOpening.RefusedException e) {
      outlet.deadLetter(event.origin(), e.failure());
      phase = Phase.ENDED;
      answers.clear();
      outlet.summary(nothing(started.getTenant(), time, e.failure().code()));
      return;
    }
    phase = Phase.OPEN;
    if (!opening().start().answered()) {
      answers.clear();
    }
    outlet.event(CallEvents.event(opening(), CallEvents.STARTED, "", 0, 0).build());
  }

  /** The summary of a call that could not be listened to. */
  private CallSummary nothing(String tenant, long time, String reason) {
    return CallSummary.newBuilder()
        .setConversationId(id)
        .setTenant(tenant.length() > Failure.MAXIMUM_CHARACTERS ? "" : tenant)
        .setTime(Instant.ofEpochMilli(time))
        .setEndReason(reason)
        .setFigures(CallFigures.newBuilder().build())
        .setModel(model)
        .build();
  }

  private void open(CallOpening begun, String ruleSet) {
    opening = begun;
    rules = ruleSet;
    stream =
        new CallStream(begun.start(), calls.analysis(), ruleSet(ruleSet), detector, new Found());
    answers.begin(stream, begun.channels());
    missing = new boolean[begun.channels()];
    for (int channel = 0; channel < begun.channels(); channel++) {
      channels.add(new CallChannel(channel, begun.format(), stream));
    }
  }

  private static RuleSet ruleSet(String json) {
    if (json.isEmpty()) {
      return NO_RULES;
    }
    try {
      return RuleSetReader.read(json);
    } catch (RuleSetException e) {
      throw new IllegalStateException("rules that were checked", e);
    }
  }

  private void append(InboundEvent event, AudioChunk chunk, boolean late) {
    int number = chunk.getChannel();
    if (!has(event, "AudioChunk.channel", number)) {
      return;
    }
    CallChannel channel = channels.get(number);
    if (late && chunk.getOffsetMillis() < 0) {
      late(event, "the chunk came after those that follow it");
      return;
    }
    long gap = channel.gapMillis(chunk.getOffsetMillis());
    try {
      switch (channel.append(bytes(chunk.getBytes()), chunk.getOffsetMillis())) {
        case HEARD -> {
          if (missing[number] && gap > 0) {
            stream().analysis().lost(gap);
          }
          missing[number] = false;
        }
        case LATE ->
            late(
                event,
                "the chunk begins at "
                    + chunk.getOffsetMillis()
                    + " ms and lies before "
                    + channel.millis()
                    + " ms, up to where its channel was heard");
        case TOO_FAR ->
            refuse(
                event,
                FailureCodes.MALFORMED_AUDIO,
                "AudioChunk.offsetMillis is "
                    + chunk.getOffsetMillis()
                    + ", expected at most "
                    + CallChannel.LONGEST_GAP_MILLIS
                    + " more than "
                    + channel.millis()
                    + ", up to where its channel was heard");
      }
    } catch (MalformedAudioException e) {
      refuse(event, FailureCodes.MALFORMED_AUDIO, e.getMessage());
    }
    awaitNoLonger(number);
  }

  private void late(InboundEvent event, String why) {
    stream().analysis().late();
    refuse(event, FailureCodes.LATE_AUDIO, why);
  }

  /** A channel of which nothing comes does not hold the other one up for ever. */
  private void awaitNoLonger(int ahead) {
    long least = channels.get(ahead).millis() - LONGEST_LEAD_MILLIS;
    for (CallChannel other : channels) {
      long behind = least - other.millis();
      if (behind > 0) {
        stream().analysis().lost(behind);
        other.silenceUntil(least);
      }
    }
  }

  private void hold(InboundEvent event, int channel, long offsetMillis, boolean begins) {
    if (!has(event, "Hold.channel", channel)) {
      return;
    }
    long millis = offsetMillis < 0 ? channels.get(channel).millis() : offsetMillis;
    long at = stream().analysis().hold(millis, begins);
    if (at < 0) {
      return; // it is so already
    }
    if (begins) {
      holdSince = at;
      outlet.event(
          CallEvents.begun(opening(), CallEvents.HOLD, Integer.toString(holds), at).build());
    } else {
      outlet.event(
          CallEvents.over(opening(), CallEvents.HOLD, Integer.toString(holds), holdSince, at)
              .build());
      holds++;
      holdSince = -1;
    }
  }

  /** Without a time a pause begins where the first channel is, and ends where the last one is. */
  private void pause(long offsetMillis, boolean begins) {
    long first = channels.stream().mapToLong(CallChannel::millis).min().orElse(0);
    long last = channels.stream().mapToLong(CallChannel::millis).max().orElse(0);
    long millis = offsetMillis >= 0 ? offsetMillis : begins ? first : last;
    long at = stream().analysis().pause(millis, begins);
    if (at < 0) {
      return;
    }
    if (begins) {
      pauseSince = at;
      outlet.event(
          CallEvents.begun(opening(), CallEvents.PAUSE, Integer.toString(pauses), at).build());
    } else {
      outlet.event(
          CallEvents.over(opening(), CallEvents.PAUSE, Integer.toString(pauses), pauseSince, at)
              .build());
      pauses++;
      pauseSince = -1;
    }
  }

  private void join(InboundEvent event, ParticipantChanged change) {
    List<String> problems = new ArrayList<>();
    Participant participant =
        CallOpening.participant(change.getParticipant(), opening().channels(), problems);
    if (participant == null) {
      refuse(event, FailureCodes.UNSUPPORTED_EVENT, String.join("; ", problems));
      return;
    }
    long heard = channels.get(participant.channel()).millis();
    long millis = change.getOffsetMillis() < 0 ? heard : change.getOffsetMillis();
    outlet.event(
        CallEvents.by(
                CallEvents.event(
                    opening(),
                    CallEvents.PARTICIPANT,
                    Integer.toString(joined.size()),
                    millis,
                    millis),
                participant)
            .build());
    joined.add(new Joined(participant, millis));
  }

  /** Which digit it was is not told: keys spell card numbers. */
  private void press(InboundEvent event, KeyPressed key) {
    if (!has(event, "KeyPressed.channel", key.getChannel())) {
      return;
    }
    long heard = channels.get(key.getChannel()).millis();
    long millis = key.getOffsetMillis() < 0 ? heard : key.getOffsetMillis();
    boolean sign = key.getKey().equals("*") || key.getKey().equals("#");
    outlet.event(
        CallEvents.by(
                CallEvents.event(
                    opening(), CallEvents.KEY, Integer.toString(keys++), millis, millis),
                at(key.getChannel(), millis))
            .setName(sign ? key.getKey() : "[NUMBER]")
            .build());
  }

  /** Who is on a channel at a media time. */
  private Participant at(int channel, long millis) {
    Participant present = opening().start().participants().get(channel);
    for (Joined each : joined) {
      if (each.participant().channel() == channel && each.millis() <= millis) {
        present = each.participant();
      }
    }
    return present;
  }

  private void end(String reason) {
    channels.forEach(CallChannel::flush);
    phase = Phase.OVER;
    long duration = channels.stream().mapToLong(CallChannel::millis).max().orElse(0);
    if (holdSince >= 0) {
      outlet.event(
          CallEvents.over(
                  opening(),
                  CallEvents.HOLD,
                  Integer.toString(holds),
                  Math.min(holdSince, duration),
                  duration)
              .build());
    }
    if (pauseSince >= 0) {
      outlet.event(
          CallEvents.over(
                  opening(),
                  CallEvents.PAUSE,
                  Integer.toString(pauses),
                  Math.min(pauseSince, duration),
                  duration)
              .build());
    }
    stream().end(reason);
    outlet.event(
        CallEvents.event(opening(), CallEvents.ENDED, "", duration, duration)
            .setDetail(reason)
            .build());
    summarise();
  }

  private void summarise() {
    if (phase != Phase.OVER || summarized || !complete()) {
      return;
    }
    answers.takeTools().forEach(stream().analysis()::action);
    if (calls.summarizer() == null) {
      summaryText(null);
    } else {
      askForSummary();
    }
  }

  private boolean complete() {
    return answers.complete() && stream().analysis().complete();
  }

  private void askForSummary() {
    summarized = true;
    outlet.summarize(stream().analysis().transcript());
  }

  /**
   * The text of the summary, which is told now.
   *
   * @param written null for the template's
   */
  void summaryText(@Nullable WrittenSummary written) {
    io.antiphon.analytics.calls.CallSummary summary =
        stream()
            .summary()
            .orElseThrow(() -> new IllegalStateException("a text of " + id + " is missing"));
    summarise(written == null ? summary : summary.withText(written));
  }

  private void summarise(io.antiphon.analytics.calls.CallSummary summary) {
    long duration = summary.figures().durationMillis();
    for (CategoryMatch match : summary.categories()) {
      outlet.event(category(match).setRevision(1).setLast(true).build());
    }
    for (ParticipantSummary participant : summary.participants()) {
      int channel = participant.figures().channel();
      participant
          .findings()
          .forEach(finding -> outlet.event(alert(channel, finding.name(), duration)));
    }
    if (summary.rolesSeemSwapped()) {
      outlet.event(alert(-1, "ROLES_SEEM_SWAPPED", duration));
    }
    CallSummary record = CallRecords.summary(summary, opening().time(), model);
    List<CallInterval> onHold = new ArrayList<>();
    stream()
        .analysis()
        .holds(duration)
        .forEach(
            each -> onHold.add(new CallInterval(each.beginMillis(), each.endMillis(), -1, "")));
    List<io.antiphon.schemas.Participant> all = new ArrayList<>(record.getParticipants());
    for (Joined each : joined) {
      Participant who = each.participant();
      all.add(new io.antiphon.schemas.Participant(who.participantId(), who.role(), who.channel()));
    }
    CallSummary whole =
        CallSummary.newBuilder(record)
            .setTenant(opening().tenant())
            .setParticipants(all)
            .setHolds(onHold)
            .setFigures(CallFigures.newBuilder(record.getFigures()).setHolds(onHold.size()).build())
            .setQuality(
                InputQuality.newBuilder(record.getQuality())
                    .setLostChunks(lostChunks)
                    .setUnknownEvents(unknownEvents)
                    .build())
            .build();
    phase = Phase.ENDED;
    channels.clear();
    joined.clear();
    answers.clear();
    stream = null;
    opening = null;
    CallSummary bounded = BoundedSummary.of(whole, BoundedSummary.MAXIMUM_BYTES);
    outlet.metrics(CallRecords.lastMetrics(bounded, summary.transcript(), metrics));
    outlet.summary(bounded);
  }

  private CallEvent alert(int channel, String name, long durationMillis) {
    String which = (channel < 0 ? "" : channel + "-") + name;
    CallEvent.Builder event =
        CallEvents.event(opening(), CallEvents.ALERT, which, 0, durationMillis).setName(name);
    return (channel < 0 ? event : CallEvents.by(event, at(channel, 0))).build();
  }

  private CallEvent.Builder category(CategoryMatch match) {
    long begin = match.points().isEmpty() ? 0 : match.points().get(0).beginMillis();
    return CallEvents.begun(opening(), CallEvents.CATEGORY, match.name(), begin)
        .setName(match.name())
        .setRuleVersion(ruleSet(rules).version());
  }

  private boolean has(InboundEvent event, String field, int channel) {
    if (channel >= 0 && channel < channels.size()) {
      return true;
    }
    refuse(
        event,
        FailureCodes.UNSUPPORTED_EVENT,
        field + " is " + channel + ", expected 0 to " + (channels.size() - 1));
    return false;
  }

  private void notStarted(InboundEvent event) {
    refuse(
        event, FailureCodes.NOT_STARTED, "the conversation did not begin with ConversationStarted");
  }

  private void refuse(InboundEvent event, String code, String message) {
    outlet.deadLetter(event.origin(), new Failure(code, message));
  }

  private static byte[] bytes(ByteBuffer chunk) {
    byte[] bytes = new byte[chunk.remaining()];
    chunk.duplicate().get(bytes);
    return bytes;
  }

  /** What the call's analysis finds, as records. */
  private final class Found implements CallStream.Outlet {
    @Override
    public void recognise(
        int channel, int number, long endMillis, long beginMillis, short[] samples) {
      pending.add(new Pending(channel, number, endMillis, beginMillis, samples));
      outlet.recognise(channel, number, endMillis, samples);
    }

    @Override
    public void transcript(TranscriptSegment segment, int revision) {
      CallSegment record =
          CallRecords.segment(opening().start(), segment, revision, opening().time());
      outlet.segment(spoken(withTurn(record, segment)));
    }

    @Override
    public void partial(Utterance soFar, int revision, String text) {
      outlet.segment(
          spoken(CallRecords.partial(opening().start(), soFar, revision, text, opening().time())));
    }

    @Override
    public void original(TranscriptSegment segment) {
      if (calls.originals()) {
        CallSegment record = CallRecords.segment(opening().start(), segment, 0, opening().time());
        outlet.original(spoken(withTurn(record, segment)));
      }
    }

    private CallSegment withTurn(CallSegment record, TranscriptSegment segment) {
      return segment.channel() < opening().channels()
          ? record
          : CallSegment.newBuilder(record).setTurn(answers.turn(segment.number())).build();
    }

    @Override
    public void moment(CallMoment moment) {
      outlet.metrics(
          CallMetrics.newBuilder(
                  CallRecords.metrics(opening().start(), moment, metrics++, opening().time()))
              .setTenant(opening().tenant())
              .build());
    }

    /** With who was on the channel then. */
    private CallSegment spoken(CallSegment record) {
      Participant speaker = at(record.getChannel(), record.getBeginMillis());
      return CallSegment.newBuilder(record)
          .setTenant(opening().tenant())
          .setParticipantId(speaker.participantId())
          .setRole(speaker.role())
          .build();
    }

    @Override
    public void category(CategoryMatch match) {
      outlet.event(LiveCall.this.category(match).build());
    }

    @Override
    public void interruption(int number, Interruption interruption) {
      long begin = interruption.overlap().beginMillis();
      int channel = interruption.byChannel();
      outlet.event(
          CallEvents.by(
                  CallEvents.event(
                      opening(),
                      CallEvents.INTERRUPTION,
                      channel + "-" + number,
                      begin,
                      interruption.overlap().endMillis()),
                  at(channel, begin))
              .build());
    }

    @Override
    public void nonTalk(int number, long beginMillis, long endMillis) {
      String which = Integer.toString(number);
      outlet.event(
          endMillis < 0
              ? CallEvents.begun(opening(), CallEvents.NON_TALK, which, beginMillis).build()
              : CallEvents.over(opening(), CallEvents.NON_TALK, which, beginMillis, endMillis)
                  .build());
    }
  }

  void save(DataOutput out) throws IOException {
    FORMAT.put(this, out);
  }

  private void write(DataOutput out) throws IOException {
    out.writeUTF(phase.name());
    order.save(out);
    out.writeLong(used);
    SpokenAnswers.FORMAT.put(answers, out);
    StateEncoding.writeOptional(opening, CallOpening.FORMAT::put, out);
    if (opening == null) {
      return;
    }
    StateEncoding.writeString(rules, out);
    for (boolean each : missing) {
      out.writeBoolean(each);
    }
    out.writeLong(lostChunks);
    out.writeLong(unknownEvents);
    out.writeInt(holds);
    out.writeLong(holdSince);
    out.writeInt(pauses);
    out.writeLong(pauseSince);
    out.writeInt(keys);
    out.writeLong(metrics);
    StateEncoding.writeList(
        joined,
        (each, to) -> {
          CallOpening.put(each.participant(), to);
          to.writeLong(each.millis());
        },
        out);
    StateEncoding.writeList(
        pending,
        (each, to) -> {
          to.writeInt(each.channel());
          to.writeInt(each.number());
          to.writeLong(each.endMillis());
          to.writeLong(each.beginMillis());
          Sound.write(each.samples(), to);
        },
        out);
    stream().save(out);
    for (CallChannel channel : channels) {
      channel.save(out);
    }
  }

  /**
   * Reads what {@link #save} wrote, and asks again for the texts that were awaited, also for that
   * of a summary which the template writes now. Waiting times begin anew, because what came while
   * nothing ran has not been read yet.
   */
  void load(DataInput in) throws IOException {
    FORMAT.load(this, in);
    if (phase == Phase.OVER && complete()) {
      askForSummary();
    }
    for (Pending each : List.copyOf(pending)) {
      outlet.recognise(each.channel(), each.number(), each.endMillis(), each.samples());
    }
  }

  private void read(int version, DataInput in) throws IOException {
    phase = Phase.valueOf(in.readUTF());
    order.load(in, lastRecordAt);
    used = in.readLong();
    if (version > 2) {
      SpokenAnswers.FORMAT.load(answers, in);
    }
    CallOpening begun = StateEncoding.readOptional(CallOpening.FORMAT::get, in);
    if (begun == null) {
      return;
    }
    open(begun, StateEncoding.readString(in));
    for (int channel = 0; channel < missing.length; channel++) {
      missing[channel] = in.readBoolean();
    }
    lostChunks = in.readLong();
    unknownEvents = in.readLong();
    holds = in.readInt();
    holdSince = in.readLong();
    pauses = in.readInt();
    pauseSince = in.readLong();
    keys = in.readInt();
    metrics = in.readLong();
    joined.addAll(
        StateEncoding.readList(from -> new Joined(CallOpening.get(from), from.readLong()), in));
    pending.addAll(
        StateEncoding.readList(
            from ->
                new Pending(
                    from.readInt(),
                    from.readInt(),
                    from.readLong(),
                    version < 2 ? UNKNOWN : from.readLong(),
                    Sound.read(from)),
            in));
    stream().load(in);
    for (CallChannel channel : channels) {
      channel.load(in);
    }
  }
}
