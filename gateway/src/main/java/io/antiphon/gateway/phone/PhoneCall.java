package io.antiphon.gateway.phone;

import io.antiphon.gateway.GatewayContext;
import io.antiphon.gateway.conversation.AnswerEnd;
import io.antiphon.gateway.conversation.AudioPiece;
import io.antiphon.gateway.conversation.CallListener;
import io.antiphon.gateway.conversation.CallRefusedException;
import io.antiphon.gateway.conversation.CallSession;
import io.antiphon.gateway.security.SessionLease;
import io.antiphon.gateway.server.Strand;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call: joins a line (a provider's stream) with a conversation. What the caller says goes to
 * the conversation as it comes; answers go out as 20 ms frames when they are due; speech of the
 * caller stops what is being played and tells the conversation how much was heard.
 *
 * <p>A line may be lost and replaced: the conversation goes on where the caller's ear is. All
 * methods run on {@link #strand()}.
 */
final class PhoneCall implements CallListener {
  /** Behind so much audio the provider is asked for a mark. */
  private static final int MARK_MILLIS = 200;

  /** Audio that may wait: models speak faster than callers listen. */
  private static final int MAXIMUM_WAITING_MILLIS = 600_000;

  /** Loss that is filled up with silence at most; a longer one is no pause in a sentence. */
  private static final long MAXIMUM_LOSS_MILLIS = 10_000;

  /** So long nothing may come before silence is put in its place, so that a turn can end. */
  private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private static final long QUIET_CHECK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private static final Logger LOG = LoggerFactory.getLogger(PhoneCall.class);

  private final GatewayContext context;
  private final Trunk trunk;
  private final SessionLease lease;
  private final Strand strand;
  private final LongSupplier nanoTime;
  private final MediaStart start;
  private final Playout playout;
  private final AnswerAudio answers;
  private final Consumer<PhoneCall> whenOver;

  private @Nullable CallSession session;
  private @Nullable PhoneLine line;
  private @Nullable MediaProtocol protocol;
  private @Nullable Future<?> tick;
  private @Nullable Future<?> quiet;

  /** When the caller's audio that the conversation has is over. */
  private long heardUntil;

  private boolean quietNow;
  private boolean held;
  private boolean over;
  private int answering = -1;

  PhoneCall(
      GatewayContext context,
      Trunk trunk,
      SessionLease lease,
      Strand strand,
      LongSupplier nanoTime,
      MediaStart start,
      MediaProtocol protocol,
      Consumer<PhoneCall> whenOver) {
    this.context = context;
    this.trunk = trunk;
    this.lease = lease;
    this.strand = strand;
    this.nanoTime = nanoTime;
    this.start = start;
    this.whenOver = whenOver;
    answers = new AnswerAudio(start.audio());
    playout =
        new Playout(
            start.audio(),
            protocol.leadMillis(),
            protocol.marks(),
            MARK_MILLIS,
            MAXIMUM_WAITING_MILLIS);
  }

  Strand strand() {
    return strand;
  }

  MediaStart start() {
    return start;
  }

  boolean over() {
    return over;
  }

  /** Opens the conversation and takes the first line. */
  void begin(PhoneLine firstLine, MediaProtocol firstProtocol) {
    attach(firstLine, firstProtocol);
    try {
      CallSession opened = context.conversations().open(trunk.tenant(), strand, this);
      session = opened;
      lease.conversation(opened.conversationId());
      opened.start(trunk.settings(AnswerAudio.format(start.audio()), answers.format(), start));
    } catch (CallRefusedException e) {
      LOG.warn("Call {} of trunk {} is refused: {}", start.callId(), trunk.name(), e.getMessage());
      context.metrics().counter("phone.refused", "trunk", trunk.name()).increment();
      end(1013, "no place for this call: " + e.code());
    }
  }

  /** Takes a line, the first or one in place of a lost one. */
  void attach(PhoneLine next, MediaProtocol nextProtocol) {
    if (over) {
      // It ended while the new line was on its way here.
      next.close(1000, "the call is over");
      return;
    }
    line = next;
    protocol = nextProtocol;
    held = false;
    playout.resume();
    heardUntil = nanoTime.getAsLong();
    if (quiet == null) {
      quiet =
          context
              .clock()
              .scheduleWithFixedDelay(
                  () -> strand.offer(this::fillQuiet),
                  QUIET_CHECK_NANOS,
                  QUIET_CHECK_NANOS,
                  TimeUnit.NANOSECONDS);
    }
    play();
  }

  /**
   * The line is gone without an end of the call. What was sent and not heard by then is not sent
   * again.
   *
   * @return false when another one has taken over already
   */
  boolean detach(PhoneLine lost) {
    if (line != lost) {
      return false;
    }
    line = null;
    protocol = null;
    playout.pause();
    return true;
  }

  /** Nobody came back in time. */
  void endUnlessAttached() {
    if (line == null) {
      end(1000, "the line was lost");
    }
  }

  /** Takes what the provider tells; of a line that was replaced nothing is taken. */
  void accept(PhoneLine from, PhoneEvent event) {
    if (over || line != from) {
      return;
    }
    if (event instanceof PhoneEvent.Reply reply) {
      send(List.of(reply.message()));
      return;
    }
    CallSession conversation = session;
    if (conversation == null) {
      return;
    }
    if (event instanceof PhoneEvent.Audio audio) {
      hear(conversation, audio.bytes());
    } else if (event instanceof PhoneEvent.Lost lost) {
      long millis = Math.min(lost.millis(), MAXIMUM_LOSS_MILLIS);
      hear(conversation, start.audio().silence(start.audio().bytes(millis)));
    } else if (event instanceof PhoneEvent.Marked mark) {
      playout.marked(mark.name(), nanoTime.getAsLong());
      play();
    } else if (event instanceof PhoneEvent.KeyPressed pressed) {
      conversation.key(pressed.key());
    } else if (event instanceof PhoneEvent.Paused) {
      playout.pause();
    } else if (event instanceof PhoneEvent.Resumed) {
      playout.resume();
      play();
    } else if (event instanceof PhoneEvent.Held hold) {
      hold(hold.held());
    } else if (event instanceof PhoneEvent.Ended ended) {
      end(1000, ended.reason());
    }
  }

  /** Ends the call from our side, for instance because the server shuts down. */
  void hangUp(String reason) {
    MediaProtocol spoken = protocol;
    if (!over && spoken != null) {
      send(spoken.hangUp());
    }
    end(1000, reason);
  }

  @Override
  public void speechStarted(long audioMillis) {
    if (trunk.turnTaking().interruptsAnswer()) {
      stopPlaying();
    }
  }

  @Override
  public void answerStarted(int turn, @Nullable String tag) {
    answering = turn;
  }

  @Override
  public void text(int turn, String text, long offsetMillis) {}

  @Override
  public void audio(int turn, AudioPiece piece) {
    if (over) {
      return;
    }
    if (!playout.append(turn, answers.convert(turn, piece.bytes(), piece.last()))) {
      LOG.error(
          "Call {}: answer {} has more than the {} ms of audio that may wait",
          start.callId(),
          turn,
          MAXIMUM_WAITING_MILLIS);
      hangUp("an answer is longer than what may wait");
      return;
    }
    if (piece.last()) {
      playout.finish(turn);
    }
    play();
  }

  @Override
  public void toolCall(int turn, String callId, String name, String arguments) {
    // A telephone runs no tools; whoever does reads the topics.
  }

  @Override
  public void answerEnded(int turn, AnswerEnd end) {
    if (answering == turn) {
      answering = -1;
    }
    if (over) {
      return;
    }
    AnswerEnd.Failure failure = end.failure();
    if (failure != null) {
      LOG.warn("Call {}: no answer {}: {}", start.callId(), turn, failure.code());
    }
    playout.finish(turn);
    play();
  }

  @Override
  public void answerRefused(String tag, String code, String message) {
    LOG.warn("Call {}: no answer: {}", start.callId(), code);
  }

  @Override
  public void refused(String reason, long retryAfterMillis) {
    LOG.warn("Call {} is not taken: {}", start.callId(), reason);
    hangUp("no place for this call");
  }

  @Override
  public void failed(String code, String message, boolean terminal) {
    LOG.warn("Call {}: {}: {}", start.callId(), code, message);
    if (terminal) {
      hangUp("the conversation is over: " + code);
    }
  }

  @Override
  public void lost(String message) {
    LOG.warn("Call {} is lost: {}", start.callId(), message);
    hangUp("the conversation is lost");
  }

  private void hear(CallSession conversation, byte[] bytes) {
    if (held) {
      return;
    }
    long now = nanoTime.getAsLong();
    heardUntil =
        Math.max(heardUntil, now)
            + TimeUnit.MILLISECONDS.toNanos(start.audio().millis(bytes.length));
    // Never further ahead than one check: packets come in bursts, but not for long.
    heardUntil = Math.min(heardUntil, now + QUIET_CHECK_NANOS);
    quietNow = false;
    conversation.audio(bytes);
  }

  /** A telephone that sends nothing while nobody speaks would never end a turn. */
  private void fillQuiet() {
    CallSession conversation = session;
    long missing = nanoTime.getAsLong() - heardUntil;
    if (over || held || conversation == null || line == null) {
      return;
    }
    if (missing < (quietNow ? QUIET_CHECK_NANOS : QUIET_NANOS)) {
      return;
    }
    quietNow = true;
    long millis = TimeUnit.NANOSECONDS.toMillis(missing);
    heardUntil += TimeUnit.MILLISECONDS.toNanos(millis);
    conversation.audio(start.audio().silence(start.audio().bytes(millis)));
  }

  private void hold(boolean nowHeld) {
    held = nowHeld;
    if (held) {
      stopPlaying();
    } else {
      heardUntil = nanoTime.getAsLong();
    }
  }

  /** Silence at once; the conversation learns what was heard, and says no more of it. */
  private void stopPlaying() {
    long now = nanoTime.getAsLong();
    CallSession conversation = session;
    MediaProtocol spoken = protocol;
    if (conversation == null || over) {
      return;
    }
    boolean playing = playout.playing(now);
    List<Playout.Heard> cut = playout.clear(now);
    if (playing && spoken != null) {
      send(spoken.clear());
      context.metrics().counter("phone.barge.in", "trunk", trunk.name()).increment();
    }
    if (answering >= 0) {
      playout.discardUntil(answering);
      conversation.interrupt();
    }
    cut.forEach(heard -> conversation.played(heard.turn(), heard.millis()));
  }

  /** Sends what is due, reports what was heard, and comes back when there is more to do. */
  private void play() {
    CallSession conversation = session;
    MediaProtocol spoken = protocol;
    if (over || conversation == null || spoken == null) {
      return;
    }
    long now = nanoTime.getAsLong();
    for (Playout.Frame frame : playout.due(now)) {
      send(spoken.audio(frame.bytes()));
      frame.mark().ifPresent(mark -> send(spoken.mark(mark)));
    }
    playout.heard(now).forEach(heard -> conversation.played(heard.turn(), heard.millis()));
    Optional<Long> next = playout.nextNanos(now);
    if (tick != null) {
      tick.cancel(false);
      tick = null;
    }
    if (next.isPresent()) {
      try {
        tick =
            context
                .clock()
                .schedule(() -> strand.force(this::play), next.get(), TimeUnit.NANOSECONDS);
      } catch (RejectedExecutionException e) {
        LOG.debug("Call {}: the gateway shuts down", start.callId());
      }
    }
  }

  private void send(List<WireMessage> messages) {
    PhoneLine to = line;
    if (to != null) {
      messages.forEach(to::send);
    }
  }

  private void end(int code, String reason) {
    if (over) {
      return;
    }
    long now = nanoTime.getAsLong();
    CallSession conversation = session;
    if (conversation != null) {
      for (Playout.Heard heard : playout.clear(now)) {
        conversation.played(heard.turn(), heard.millis());
      }
      conversation.end();
    }
    over = true;
    if (tick != null) {
      tick.cancel(false);
    }
    if (quiet != null) {
      quiet.cancel(false);
    }
    lease.close();
    whenOver.accept(this);
    PhoneLine last = line;
    line = null;
    if (last != null) {
      // Last, so that whoever sees it closed finds nothing of the call left.
      last.close(code, reason);
    }
  }
}
