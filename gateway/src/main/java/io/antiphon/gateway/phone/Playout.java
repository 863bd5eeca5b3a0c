package io.antiphon.gateway.phone;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * The answers' audio on its way to the caller's ear: cut into frames, sent when they are due, and
 * remembered until they have been heard. Time is media time: frame n is due n frames after the
 * first, whenever the clock was looked at, so that nothing drifts; only a queue that ran dry or a
 * pause shifts it.
 *
 * <p>What has been heard is estimated by that pace and corrected by marks: never less than a mark
 * that came back, never more than the first one that did not. Has no clock and no threads: every
 * method is told the time. Not thread safe.
 */
final class Playout {
  /** How much of an answer was heard. */
  record Heard(int turn, long millis, boolean complete) {}

  /** What {@link #due} wants to be sent, in order: frames with a mark behind some of them. */
  record Frame(byte[] bytes, Optional<String> mark) {}

  private static final long FRAME_NANOS = PhoneAudio.FRAME_MILLIS * 1_000_000L;
  private static final int NO_TURN = -1;

  /** So much later than by pace a mark may come back; then the pace is believed. */
  private static final long MARK_PATIENCE_NANOS = 2_000_000_000L;

  private final PhoneAudio audio;
  private final long leadNanos;
  private final boolean marks;
  private final int markFrames;
  private final int maximumBytes;

  private final Deque<Segment> segments = new ArrayDeque<>();
  private final Deque<Long> pendingMarks = new ArrayDeque<>();

  /** Frames sent since the call began. */
  private long sent;

  /** When frame 0 would have begun to be heard, had all played without a break. */
  private long base;

  /** Frames that a mark told to be heard; also those given up by a clear. */
  private long confirmed;

  private int waitingBytes;
  private int discardedTurn = NO_TURN;
  private boolean begun;
  private boolean paused;

  /**
   * A line without anything to play.
   *
   * @param leadMillis how far ahead of being due frames are sent
   * @param marks whether the provider answers marks
   * @param markMillis a mark is sent behind so much audio
   * @param maximumMillis audio that may wait
   */
  Playout(PhoneAudio audio, int leadMillis, boolean marks, int markMillis, int maximumMillis) {
    this.audio = audio;
    this.leadNanos = leadMillis * 1_000_000L;
    this.marks = marks;
    this.markFrames = Math.max(1, markMillis / PhoneAudio.FRAME_MILLIS);
    this.maximumBytes = audio.bytes(maximumMillis);
  }

  /**
   * Adds to an answer. What belongs to an answer that was cleared is dropped.
   *
   * @return false when too much waits; nothing is taken
   */
  boolean append(int turn, byte[] bytes) {
    if (turn <= discardedTurn) {
      return true;
    }
    if (waitingBytes + bytes.length > maximumBytes) {
      return false;
    }
    segment(turn).add(bytes);
    waitingBytes += bytes.length;
    return true;
  }

  /** Nothing more of an answer comes. */
  void finish(int turn) {
    if (turn > discardedTurn) {
      segment(turn).finished = true;
    }
  }

  /** Frames to be sent now. */
  List<Frame> due(long now) {
    List<Frame> frames = new ArrayList<>();
    while (!paused) {
      Segment segment = toSend();
      if (segment == null) {
        break;
      }
      long heardAt = base + sent * FRAME_NANOS;
      if (!begun || now > heardAt) {
        // The line is silent: what comes now is heard now, and nothing is caught up.
        base = now - sent * FRAME_NANOS;
        begun = true;
      } else if (heardAt - now > leadNanos) {
        break;
      }
      byte[] frame = segment.take();
      waitingBytes -= Math.min(waitingBytes, segment.lastTaken);
      if (segment.first < 0) {
        segment.first = sent;
      }
      sent++;
      segment.frames++;
      boolean marked =
          marks && (segment.frames % markFrames == 0 || (segment.finished && segment.empty()));
      if (marked) {
        pendingMarks.add(sent);
      }
      frames.add(new Frame(frame, marked ? Optional.of(name(sent)) : Optional.empty()));
    }
    return frames;
  }

  /** Nanoseconds until {@link #due} or {@link #heard} has news; empty while nothing is played. */
  Optional<Long> nextNanos(long now) {
    Segment segment = paused ? null : toSend();
    if (segment != null) {
      return Optional.of(Math.max(0, base + sent * FRAME_NANOS - leadNanos - now));
    }
    if (segments.isEmpty() || played(now) == sent) {
      return Optional.empty();
    }
    return Optional.of(Math.max(FRAME_NANOS, base + sent * FRAME_NANOS - now));
  }

  /** The provider played everything before a mark, or threw it away when it was cleared. */
  void marked(String name, long now) {
    long frames = frames(name);
    if (frames <= confirmed || frames > sent) {
      return; // Cleared, or none of ours.
    }
    while (!pendingMarks.isEmpty() && pendingMarks.peek() <= frames) {
      pendingMarks.remove();
    }
    confirmed = frames;
    base = Math.min(base, now - frames * FRAME_NANOS);
  }

  /** Answers that were heard to their end since the last call. */
  List<Heard> heard(long now) {
    List<Heard> done = new ArrayList<>();
    while (!segments.isEmpty()) {
      Segment segment = segments.peek();
      if (!segment.finished || !segment.empty() || played(now) < segment.first + segment.frames) {
        break;
      }
      segments.remove();
      done.add(new Heard(segment.turn, segment.millis(audio, segment.frames), true));
    }
    return done;
  }

  /** How much of the answer that is being heard was heard; empty while none is. */
  Optional<Heard> position(long now) {
    for (Segment segment : segments) {
      long played = segment.first < 0 ? 0 : played(now) - segment.first;
      if (played < segment.frames || !segment.finished || !segment.empty()) {
        return Optional.of(
            new Heard(
                segment.turn,
                segment.millis(audio, Math.max(0, Math.min(played, segment.frames))),
                false));
      }
    }
    return Optional.empty();
  }

  /**
   * Throws away everything that has not been heard, and what is still to come of the same answers.
   * The provider has to be told.
   *
   * @return what was heard of each answer that was under way
   */
  List<Heard> clear(long now) {
    List<Heard> cut = new ArrayList<>();
    long played = played(now);
    for (Segment segment : segments) {
      long frames = segment.first < 0 ? 0 : Math.max(0, played - segment.first);
      cut.add(
          new Heard(
              segment.turn,
              segment.millis(audio, Math.min(frames, segment.frames)),
              segment.finished && segment.empty() && frames >= segment.frames));
      discardedTurn = Math.max(discardedTurn, segment.turn);
    }
    segments.clear();
    pendingMarks.clear();
    waitingBytes = 0;
    confirmed = sent;
    base = now - sent * FRAME_NANOS;
    return cut;
  }

  /** Nothing more of these answers is to be played, whether or not any of it came. */
  void discardUntil(int turn) {
    discardedTurn = Math.max(discardedTurn, turn);
  }

  /** The provider takes nothing for a while. */
  void pause() {
    paused = true;
  }

  /** The provider takes audio again. */
  void resume() {
    paused = false;
  }

  /** Whether anything waits or has not been heard. */
  boolean playing(long now) {
    return position(now).isPresent();
  }

  /** Milliseconds of audio that wait to be sent. */
  long waitingMillis() {
    return audio.millis(waitingBytes);
  }

  private long played(long now) {
    long byPace = Math.floorDiv(now - base, FRAME_NANOS);
    Long mark = pendingMarks.peek();
    boolean awaited = mark != null && now - base < mark * FRAME_NANOS + MARK_PATIENCE_NANOS;
    long most = awaited ? Math.min(sent, mark) : sent;
    return Math.max(confirmed, Math.min(byPace, most));
  }

  private Segment segment(int turn) {
    Segment last = segments.peekLast();
    if (last == null || last.turn != turn) {
      last = new Segment(turn, audio);
      segments.add(last);
    }
    return last;
  }

  private @org.jspecify.annotations.Nullable Segment toSend() {
    for (Segment segment : segments) {
      if (segment.ready()) {
        return segment;
      }
      if (!segment.finished) {
        return null;
      }
    }
    return null;
  }

  private static String name(long frames) {
    return "f" + frames;
  }

  private static long frames(String name) {
    return name.matches("f[0-9]{1,15}") ? Long.parseLong(name.substring(1)) : -1;
  }

  /** One answer. */
  private static final class Segment {
    private final int turn;
    private final PhoneAudio audio;
    private final Deque<byte[]> pieces = new ArrayDeque<>();
    private int offset;
    private long bytes;
    private long taken;
    private int lastTaken;
    private boolean finished;
    private long first = -1;
    private long frames;

    private Segment(int turn, PhoneAudio audio) {
      this.turn = turn;
      this.audio = audio;
    }

    private void add(byte[] piece) {
      if (piece.length > 0) {
        pieces.add(piece);
        bytes += piece.length;
      }
    }

    private boolean empty() {
      return bytes == taken;
    }

    private boolean ready() {
      return bytes - taken >= audio.frameBytes() || (finished && !empty());
    }

    private byte[] take() {
      byte[] frame = audio.silence(audio.frameBytes());
      int filled = 0;
      while (filled < frame.length && !pieces.isEmpty()) {
        byte[] piece = pieces.element();
        int part = Math.min(piece.length - offset, frame.length - filled);
        System.arraycopy(piece, offset, frame, filled, part);
        filled += part;
        offset += part;
        if (offset == piece.length) {
          pieces.remove();
          offset = 0;
        }
      }
      lastTaken = filled;
      taken += filled;
      return frame;
    }

    /** Milliseconds of so many frames; the last one may be filled up with silence. */
    private long millis(PhoneAudio audio, long frames) {
      return Math.min(frames * PhoneAudio.FRAME_MILLIS, audio.millis(taken));
    }
  }
}
