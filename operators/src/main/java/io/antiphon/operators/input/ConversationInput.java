package io.antiphon.operators.input;

import io.antiphon.operators.message.Clock;
import io.antiphon.operators.message.ConversationMessage;
import io.antiphon.operators.message.ConversationMessage.Closed;
import io.antiphon.operators.message.ConversationMessage.EncoderInput;
import io.antiphon.operators.message.ConversationMessage.Interrupted;
import io.antiphon.operators.message.ConversationMessage.Notice;
import io.antiphon.operators.message.ConversationMessage.Opened;
import io.antiphon.operators.message.ConversationMessage.Playback;
import io.antiphon.operators.message.ConversationMessage.Quiet;
import io.antiphon.operators.message.ConversationMessage.Refused;
import io.antiphon.operators.message.ConversationMessage.Samples;
import io.antiphon.operators.message.ConversationMessage.SpeechStarted;
import io.antiphon.operators.message.ConversationMessage.SpeechStopped;
import io.antiphon.operators.message.ConversationMessage.TextTurn;
import io.antiphon.operators.message.ConversationMessage.ToolAnswer;
import io.antiphon.operators.message.ConversationMessage.UserTurnDropped;
import io.antiphon.operators.message.ConversationMessage.UserTurnEnded;
import io.antiphon.operators.message.ConversationSettings;
import io.antiphon.operators.message.Failure;
import io.antiphon.operators.message.FailureCodes;
import io.antiphon.operators.message.InboundEvent;
import io.antiphon.operators.message.InboundEventSerializer;
import io.antiphon.operators.message.InboundRecord;
import io.antiphon.operators.message.InboundRecordSerializer;
import io.antiphon.operators.message.PastItem;
import io.antiphon.operators.message.RequestedAnswer;
import io.antiphon.operators.message.TurnSettings;
import io.antiphon.operators.settings.OperatorSettings;
import io.antiphon.operators.state.RecordFormat;
import io.antiphon.operators.state.StateEncoding;
import io.antiphon.runtime.Admission;
import io.antiphon.runtime.SpeechDetector;
import io.antiphon.schemas.AnswerRequested;
import io.antiphon.schemas.AudioChunk;
import io.antiphon.schemas.AudioDiscarded;
import io.antiphon.schemas.ConversationEnded;
import io.antiphon.schemas.ConversationStarted;
import io.antiphon.schemas.ItemAdded;
import io.antiphon.schemas.ItemRemoved;
import io.antiphon.schemas.KeyPressed;
import io.antiphon.schemas.PlaybackAcknowledged;
import io.antiphon.schemas.SettingsChanged;
import io.antiphon.schemas.TextMessage;
import io.antiphon.schemas.ToolResult;
import io.antiphon.schemas.TurnEnded;
import io.antiphon.serde.audio.AudioDecoder;
import io.antiphon.serde.audio.MalformedAudioException;
import io.antiphon.serde.audio.UnsupportedAudioFormatException;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The turn state machine of one conversation: from events to messages. Owns its phase, its place at
 * the host, the order of its events, the caller's audio and the time of the last event.
 *
 * <p>Every record is either used or becomes one dead letter; in an open conversation the caller is
 * told as well. What comes in a refused conversation is dropped and counted, until it begins again.
 * An ended conversation is remembered for the idle timeout, so that what comes late is recognised.
 */
public final class ConversationInput {
  /** Where messages and dead letters go. */
  public interface Outlet {
    void message(EncoderInput message);

    void deadLetter(InboundRecord record, Failure failure);

    /** A record of a refused conversation was dropped. */
    void ignored();

    /**
     * Asks whether a turn is over; {@link ConversationInput#judged} is told on the task thread.
     *
     * @param turn its sound so far
     */
    void judge(float[] turn);

    /** Whether a record was written since the job began or was restarted. */
    boolean live(InboundRecord record);
  }

  private static final RecordFormat<ConversationInput> FORMAT =
      RecordFormat.into("conversation input", 2, ConversationInput::write, ConversationInput::read);

  /** So many repeated numbers in a row are no accident. */
  private static final int REPEATS_TOLD = 3;

  private static final long MAXIMUM_HELD_BYTES = 1 << 20;

  private static final Pattern KEYS = Pattern.compile("[0-9*#A-D]");

  private enum Phase {
    NEW,
    OPEN,
    REFUSED,
    ENDED
  }

  private final String id;
  private final OperatorSettings settings;
  private final SpeechDetector speech;
  private final Supplier<Optional<List<String>>> voices;
  private final boolean judges;
  private final Outlet outlet;
  private final EventOrder order;
  private final AdmissionLease place;
  private final CallerAudio.Listener audioListener;
  private Phase phase = Phase.NEW;
  private long lastEventAt;
  private @Nullable ConversationSettings started;
  private @Nullable CallerAudio audio;

  /** The start's time as its producer gave it; -1 before it. */
  private long startedAt = -1;

  /** Events behind a pause that is being judged, in order. */
  private final Deque<InboundEvent> held = new ArrayDeque<>();

  private long heldBytes;

  /** Records in a row whose numbers were there before. */
  private int repeats;

  private boolean repeatsTold;
  private boolean endedTold;

  /**
   * @param voices names of the bundle's voices, none where it has one; absent where nothing of it
   *     can be heard
   * @param judges whether {@link Outlet#judge} can tell if a turn is over
   * @param now milliseconds since the epoch
   */
  public ConversationInput(
      String id,
      OperatorSettings settings,
      Admission admission,
      SpeechDetector speech,
      Supplier<Optional<List<String>>> voices,
      boolean judges,
      long now,
      Outlet outlet) {
    this.id = id;
    this.speech = speech;
    this.voices = voices;
    this.judges = judges;
    this.place = new AdmissionLease(admission);
    this.settings = settings;
    this.outlet = outlet;
    this.lastEventAt = now;
    this.order = new EventOrder(settings.reorderWindow(), settings.reorderWait().toMillis());
    this.audioListener =
        new CallerAudio.Listener() {
          @Override
          public void speechStarted(long millis) {
            outlet.message(new SpeechStarted(id, millis));
          }

          @Override
          public void speechLasted() {
            if (started().turns().interruptsAnswer()) {
              outlet.message(Interrupted.all(id));
            }
          }

          @Override
          public void speech(float[] samples) {
            outlet.message(new Samples(id, samples));
          }

          @Override
          public void paused(float[] turn) {
            outlet.judge(turn);
          }

          @Override
          public void speechStopped(long millis) {
            outlet.message(new SpeechStopped(id, millis));
          }

          @Override
          public void quiet(long millis) {
            outlet.message(new Quiet(id, millis));
          }

          @Override
          public void turnEnded(long beganMillis, long millis, @Nullable Failure failure) {
            outlet.message(new UserTurnEnded(id, Clock.nowMillis(), beganMillis, millis, failure));
          }
        };
  }

  public void accept(InboundEvent event, long now) {
    lastEventAt = now;
    if (phase == Phase.OPEN) {
      place.wake();
    }
    long sequence = event.event().getSequence();
    int epoch = event.event().getEpoch();
    if (epoch < 0) {
      refuse(
          event,
          new Failure(FailureCodes.INVALID_EPOCH, "epoch is " + epoch + ", expected at least 0"));
      return;
    }
    if (sequence < 0 || sequence > EventOrder.LARGEST_SEQUENCE) {
      refuse(
          event,
          new Failure(
              FailureCodes.INVALID_SEQUENCE,
              "sequence is " + sequence + ", expected 0 to " + EventOrder.LARGEST_SEQUENCE));
      return;
    }
    if (epoch > order.epoch()) {
      begin(epoch);
    }
    if (phase == Phase.NEW && event.event().getBody() instanceof ConversationStarted) {
      order.start(sequence).forEach(useless -> refuse(useless, notStarted()));
    }
    EventOrder.Verdict verdict = order.offer(event, now);
    repeats = verdict == EventOrder.Verdict.DUPLICATE ? repeats + 1 : 0;
    switch (verdict) {
      case NOW -> {
        use(event);
        useReady();
      }
      case HELD -> {
        // Used when its turn comes, or when its deadline does.
        while (order.overfull()) {
          SequenceGap gap = order.giveUp();
          if (gap != null) {
            tellGap(gap);
          }
          useReady();
        }
      }
      case REPLAYED -> outlet.deadLetter(event.origin(), known(sequence));
      case DUPLICATE -> duplicate(event);
      case STALE ->
          outlet.deadLetter(
              event.origin(),
              new Failure(
                  FailureCodes.STALE_EPOCH,
                  "epoch is "
                      + epoch
                      + ", but a producer of epoch "
                      + order.epoch()
                      + " took over"));
      case JUMP ->
          refuse(
              event,
              phase == Phase.NEW
                  ? notStarted()
                  : new Failure(
                      FailureCodes.SEQUENCE_JUMP,
                      "sequence "
                          + sequence
                          + " is more than "
                          + settings.reorderWindow()
                          + " ahead of what is expected"));
      case TRUSTED_JUMP -> {
        giveUpMissing();
        tellGap(order.resume(sequence));
        use(event);
      }
    }
  }

  /** Another producer goes on: what its predecessor left unfinished comes no more. */
  private void begin(int epoch) {
    giveUpMissing();
    order.begin(epoch);
    if (phase == Phase.ENDED) {
      // Whoever takes over cannot know; its predecessor has heard already.
      tell(new Failure(FailureCodes.CONVERSATION_ENDED, "the conversation is over"), true);
      outlet.message(new Closed(id));
      endedTold = true;
    }
  }

  /** Whether the conversation has not begun and nothing of it waits: there is nothing to keep. */
  boolean unknown() {
    return phase == Phase.NEW && !order.holds();
  }

  /** Whether the conversation has not begun. */
  boolean isNew() {
    return phase == Phase.NEW;
  }

  /** When {@link #due} has something to do, in milliseconds. */
  long deadline() {
    return Math.min(
        Math.min(order.deadline(), place.restsAt(lastEventAt)),
        lastEventAt + settings.idleTimeout().toMillis());
  }

  /**
   * Does what time asks for.
   *
   * @return false when the conversation can be forgotten
   */
  boolean due(long now) {
    if (order.deadline() <= now) {
      giveUpMissing();
    }
    if (place.restsAt(lastEventAt) <= now) {
      place.giveBack();
    }
    if (unknown()) {
      return false;
    }
    if (lastEventAt + settings.idleTimeout().toMillis() > now) {
      return true;
    }
    takeForUnfinished();
    place.giveBack();
    if (phase == Phase.OPEN) {
      tell(
          new Failure(
              FailureCodes.IDLE_TIMEOUT,
              "nothing came for " + settings.idleTimeout().toMillis() + " ms"),
          true);
    }
    if (phase != Phase.ENDED) {
      outlet.message(new Closed(id));
    }
    return false;
  }

  /** No more records will come: what is held is used, and a turn that is open ends. */
  void finish() {
    giveUpMissing();
    takeForUnfinished();
    if (phase == Phase.OPEN && audio().open()) {
      audio().end(audioListener);
    }
  }

  private static Failure known(long sequence) {
    return new Failure(FailureCodes.DUPLICATE, "sequence " + sequence + " was there before");
  }

  /**
   * A number that was there before. That is nothing to tell of when a producer sends a record
   * twice; a producer that counts anew, or not at all, would else never learn why nobody answers.
   */
  private void duplicate(InboundEvent event) {
    long sequence = event.event().getSequence();
    boolean start = event.event().getBody() instanceof ConversationStarted;
    if (phase == Phase.OPEN && start && startedAt >= 0 && startedAt != event.event().getTime()) {
      Failure restarted =
          new Failure(
              FailureCodes.CONVERSATION_RESTARTED,
              "a producer began the conversation anew with sequence "
                  + sequence
                  + "; a conversation begins once: go on with the next number, or take another id");
      outlet.deadLetter(event.origin(), restarted);
      tell(restarted, true);
      end();
      return;
    }
    outlet.deadLetter(event.origin(), known(sequence));
    if (phase == Phase.ENDED && start) {
      tellEnded();
    } else if (phase == Phase.OPEN && repeats == REPEATS_TOLD && !repeatsTold) {
      repeatsTold = true;
      tell(
          new Failure(
              FailureCodes.DUPLICATE,
              REPEATS_TOLD
                  + " records in a row have sequence numbers that were there before, the last one "
                  + sequence
                  + "; each record needs the next number"),
          false);
    }
  }

  private void tellEnded() {
    if (!endedTold) {
      endedTold = true;
      tell(
          new Failure(
              FailureCodes.CONVERSATION_ENDED,
              "the conversation is over and cannot begin again; take another id"),
          true);
    }
  }

  private void useReady() {
    for (InboundEvent event = order.ready(); event != null; event = order.ready()) {
      use(event);
    }
  }

  private void giveUpMissing() {
    for (SequenceGap gap = order.giveUp(); gap != null; gap = order.giveUp()) {
      tellGap(gap);
      useReady();
    }
  }

  private void tellGap(SequenceGap gap) {
    if (phase == Phase.OPEN) {
      tell(gap.failure(), false);
    }
  }

  /** Whether it is being judged if the caller's turn is over: what comes meanwhile is held. */
  private boolean judging() {
    return audio != null && audio().judging();
  }

  /** Whether so much is held that the next record should not come before the judgement does. */
  boolean holdsMuch() {
    return heldBytes > MAXIMUM_HELD_BYTES && judging();
  }

  /** The caller's turn is over, or goes on; nothing when nobody asked. */
  void judged(boolean over) {
    if (judging()) {
      audio().judged(over, audioListener);
      useHeld();
    }
  }

  /** Nobody waits for a judgement any more. */
  private void takeForUnfinished() {
    while (judging()) {
      judged(false);
    }
  }

  private void useHeld() {
    while (!held.isEmpty() && !judging()) {
      InboundEvent event = held.poll();
      heldBytes -= event.bytes();
      use(event);
    }
  }

  private void use(InboundEvent event) {
    if (judging()) {
      held.add(event);
      heldBytes += event.bytes();
      return;
    }
    Object body = event.event().getBody();
    Optional<Failure> unserved = UnservedParts.of(event.event());
    if (phase == Phase.ENDED) {
      refuse(event, new Failure(FailureCodes.CONVERSATION_ENDED, "the conversation is over"));
      if (body instanceof ConversationStarted) {
        tellEnded();
      }
    } else if (body instanceof ConversationStarted start) {
      start(event, start);
    } else if (phase == Phase.NEW) {
      refuse(event, notStarted());
    } else if (phase == Phase.REFUSED && !(body instanceof ConversationEnded)) {
      outlet.ignored();
    } else if (unserved.isPresent()) {
      refuse(event, unserved.get());
    } else if (body instanceof AudioChunk chunk) {
      append(event, chunk);
    } else if (body instanceof TurnEnded) {
      audio().end(audioListener);
    } else if (body instanceof TextMessage message) {
      text(message);
    } else if (body instanceof ToolResult result) {
      outlet.message(new ToolAnswer(id, result.getCallId(), result.getResult(), Clock.nowMillis()));
    } else if (body instanceof PlaybackAcknowledged playback) {
      outlet.message(new Playback(id, playback.getTurn(), playback.getPlayedMillis()));
    } else if (body instanceof io.antiphon.schemas.Interrupted interrupted) {
      interrupt(event, interrupted.getTurn());
    } else if (body instanceof AnswerRequested asked) {
      ask(event, asked);
    } else if (body instanceof SettingsChanged changed) {
      change(event, changed);
    } else if (body instanceof ItemAdded added) {
      add(event, added);
    } else if (body instanceof ItemRemoved removed) {
      outlet.message(new ConversationMessage.ItemRemoved(id, removed.getItemId()));
    } else if (body instanceof AudioDiscarded) {
      if (audio().drop()) {
        outlet.message(new UserTurnDropped(id));
      }
    } else if (body instanceof KeyPressed key) {
      press(event, key.getKey());
    } else if (body instanceof ConversationEnded) {
      // Nobody is there any more to hear an answer under way. One that is made again, or made from
      // a recording, may have been heard to its end before the caller left.
      if (phase == Phase.OPEN && outlet.live(event.origin())) {
        outlet.message(Interrupted.all(id));
      }
      end();
    } else {
      refuse(event, UnservedParts.body(body));
    }
  }

  private void start(InboundEvent event, ConversationStarted start) {
    if (phase == Phase.OPEN) {
      refuse(
          event, new Failure(FailureCodes.ALREADY_STARTED, "the conversation has started already"));
      return;
    }
    try {
      ConversationSettings asked = SettingsReader.read(start, voices);
      Optional<Admission.Refused> refusal = place.ask(asked);
      if (refusal.isPresent()) {
        phase = Phase.REFUSED;
        outlet.message(
            new Refused(id, refusal.get().reason(), refusal.get().retryAfter().toMillis()));
        return;
      }
      open(asked);
      startedAt = event.event().getTime();
      phase = Phase.OPEN;
      outlet.message(new Opened(id, asked));
      for (PastItem item : SettingsReader.history(start)) {
        outlet.message(new ConversationMessage.ItemAdded(id, item, null));
      }
    } catch (SettingsReader.RefusedException e) {
      outlet.deadLetter(event.origin(), e.failure());
      tell(e.failure(), true);
      end();
    }
  }

  private void open(ConversationSettings asked) {
    started = asked;
    try {
      audio =
          new CallerAudio(
              asked.inputFormat(),
              findable(asked.turns()),
              speech,
              settings.minimumInterruption(),
              settings.maximumTurn().toMillis() * AudioDecoder.SAMPLE_RATE / 1000);
    } catch (UnsupportedAudioFormatException e) {
      throw new IllegalStateException("a format that was checked", e);
    }
  }

  private TurnSettings findable(TurnSettings asked) {
    return judges ? asked : asked.withoutJudgement();
  }

  private void append(InboundEvent event, AudioChunk chunk) {
    try {
      audio().append(chunk.getBytes(), audioListener);
    } catch (MalformedAudioException e) {
      refuse(event, new Failure(FailureCodes.MALFORMED_AUDIO, e.getMessage()));
    }
  }

  private void ask(InboundEvent event, AnswerRequested asked) {
    try {
      RequestedAnswer request = SettingsReader.request(asked, voices);
      outlet.message(new ConversationMessage.AnswerRequested(id, request, Clock.nowMillis()));
    } catch (SettingsReader.RefusedException e) {
      refuse(event, e.failure());
    }
  }

  private void change(InboundEvent event, SettingsChanged changed) {
    try {
      started = SettingsReader.change(started(), changed, voices);
      audio().change(findable(started().turns()));
      place.change(started);
      outlet.message(new ConversationMessage.SettingsChanged(id, started));
    } catch (SettingsReader.RefusedException e) {
      refuse(event, e.failure());
    }
  }

  private void add(InboundEvent event, ItemAdded added) {
    try {
      PastItem item = SettingsReader.item(added.getItem());
      outlet.message(new ConversationMessage.ItemAdded(id, item, added.getPreviousItemId()));
    } catch (SettingsReader.RefusedException e) {
      refuse(event, e.failure());
    }
  }

  private void interrupt(InboundEvent event, Integer turn) {
    if (turn != null && turn < 0) {
      refuse(
          event,
          new Failure(
              FailureCodes.UNSUPPORTED_EVENT,
              "Interrupted.turn is " + turn + ", expected the number of an answer"));
      return;
    }
    outlet.message(turn == null ? Interrupted.all(id) : new Interrupted(id, turn));
  }

  private void press(InboundEvent event, String key) {
    if (!KEYS.matcher(key).matches()) {
      refuse(
          event,
          new Failure(
              FailureCodes.UNSUPPORTED_EVENT,
              "KeyPressed.key is '" + key + "', expected 0 to 9, *, # or A to D"));
      return;
    }
    outlet.message(new ConversationMessage.KeyTold(id, key, audio().heardMillis()));
    outlet.message(new ConversationMessage.KeyPressed(id, key));
  }

  private void text(TextMessage message) {
    if (audio().drop()) {
      outlet.message(new UserTurnDropped(id));
      tell(
          new Failure(
              FailureCodes.AUDIO_DISCARDED,
              "a written message ended the spoken turn; its audio is dropped"),
          false);
    }
    if (message.getText().isBlank()) {
      outlet.message(
          new UserTurnEnded(
              id,
              Clock.nowMillis(),
              TurnDetector.NO_MILLIS,
              TurnDetector.NO_MILLIS,
              new Failure(FailureCodes.EMPTY_TURN, "the written message is empty")));
      return;
    }
    outlet.message(new TextTurn(id, message.getText(), Clock.nowMillis()));
  }

  private void end() {
    phase = Phase.ENDED;
    place.giveBack();
    audio = null;
    started = null;
    outlet.message(new Closed(id));
    useHeld();
  }

  private ConversationSettings started() {
    return Objects.requireNonNull(started, "the conversation is not open");
  }

  private CallerAudio audio() {
    return Objects.requireNonNull(audio, "the conversation is not open");
  }

  private static Failure notStarted() {
    return new Failure(
        FailureCodes.NOT_STARTED, "the conversation did not begin with ConversationStarted");
  }

  /** The record is not used; an ended conversation has nobody left to tell. */
  private void refuse(InboundEvent event, Failure failure) {
    outlet.deadLetter(event.origin(), failure);
    if (phase != Phase.ENDED) {
      outlet.message(new Notice(id, failure, false, event.event().getSequence()));
    }
  }

  private void tell(Failure failure, boolean terminal) {
    outlet.message(new Notice(id, failure, terminal, -1));
  }

  public void save(DataOutput out) throws IOException {
    FORMAT.put(this, out);
  }

  private void write(DataOutput out) throws IOException {
    out.writeUTF(phase.name());
    order.save(out);
    out.writeLong(startedAt);
    out.writeInt(repeats);
    out.writeBoolean(repeatsTold);
    out.writeBoolean(endedTold);
    StateEncoding.writeOptional(started, ConversationSettings.FORMAT::put, out);
    StateEncoding.writeList(
        List.copyOf(held),
        (event, to) -> InboundRecordSerializer.FORMAT.put(event.origin(), to),
        out);
    if (audio != null) {
      audio().save(out);
    }
  }

  /**
   * Reads what {@link #save} wrote. Waiting times begin anew, because what came while nothing ran
   * has not been read yet.
   */
  void load(DataInput in) throws IOException {
    FORMAT.load(this, in);
  }

  private void read(int version, DataInput in) throws IOException {
    phase = Phase.valueOf(in.readUTF());
    order.load(in, lastEventAt);
    startedAt = in.readLong();
    repeats = in.readInt();
    repeatsTold = in.readBoolean();
    endedTold = in.readBoolean();
    ConversationSettings stored = StateEncoding.readOptional(ConversationSettings.FORMAT::get, in);
    if (version >= 2) {
      held.addAll(StateEncoding.readList(InboundEventSerializer::get, in));
      held.forEach(event -> heldBytes += event.bytes());
    }
    if (stored != null) {
      open(stored);
      audio().load(in);
      place.restore(stored);
    }
    if (judging()) {
      outlet.judge(audio().turn());
    }
  }

  /** Gives the place back when the operator closes; the conversation may go on elsewhere. */
  void release() {
    place.giveBack();
  }
}
