package io.antiphon.benchmarks.load;

import io.antiphon.benchmarks.Recordings;
import io.antiphon.client.AnswerCollector;
import io.antiphon.client.ConversationClient;
import io.antiphon.client.ConversationHandle;
import io.antiphon.client.Pacer;
import io.antiphon.client.Playback;
import io.antiphon.client.ResponseListener;
import io.antiphon.schemas.AudioChunk;
import io.antiphon.schemas.AudioFormat;
import io.antiphon.schemas.ConversationEnded;
import io.antiphon.schemas.ConversationFailed;
import io.antiphon.schemas.ConversationRefused;
import io.antiphon.schemas.ConversationStarted;
import io.antiphon.schemas.DeadLetter;
import io.antiphon.schemas.FinishReason;
import io.antiphon.schemas.Interrupted;
import io.antiphon.schemas.PlaybackAcknowledged;
import io.antiphon.schemas.Sampling;
import io.antiphon.schemas.SpeechResponse;
import io.antiphon.schemas.TextResponse;
import io.antiphon.schemas.ToolCall;
import io.antiphon.schemas.ToolResult;
import io.antiphon.schemas.TurnCompleted;
import io.antiphon.schemas.TurnEnded;
import io.antiphon.serde.audio.SampleCoding;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A caller who speaks in real time, listens to the answer, sometimes speaks over it, thinks, and
 * speaks again; one who is refused calls again, as a new conversation, when told to. Everything but
 * the arrival times happens on the callers' one thread.
 */
public final class VirtualCaller {
  private static final Logger LOG = LoggerFactory.getLogger(VirtualCaller.class);
  private static final double NANOS = 1e9;
  private static final double REPORT_SECONDS = 0.5;
  private static final double LONGEST_WAIT = 10;

  /** What a caller does before the end of the conversation. */
  private enum State {
    THINKING,
    SPEAKING,
    LISTENING,
    GONE
  }

  private final ConversationClient client;
  private final CallersThread thread;
  private final String name;
  private final int group;
  private final Workload habits;
  private final Recordings recordings;
  private final LoadStatistics figures;
  private final Random random;
  private final long seed;
  private @Nullable ConversationHandle conversation;
  private State state = State.GONE;

  /** Of the present call. */
  private String id = "";

  private int calls;
  private boolean hungUp;

  /** Counts questions, so that what was planned for an old one does nothing. */
  private int question;

  private int lastTurn = -1;
  private long asked;
  private double firstAudioMillis;
  private Playback playback = new Playback();
  private int playingTurn;
  private AnswerCollector answer = new AnswerCollector(true, false, 0);

  /**
   * @param thread one thread for all callers
   * @param group under which its figures are counted
   * @param seed of its habits and of what answers draw
   */
  public VirtualCaller(
      ConversationClient client,
      ScheduledExecutorService thread,
      String name,
      int group,
      Workload habits,
      Recordings recordings,
      LoadStatistics figures,
      long seed) {
    this.client = client;
    this.thread = new CallersThread(thread, this::broke);
    this.name = name;
    this.group = group;
    this.habits = habits;
    this.recordings = recordings;
    this.figures = figures;
    this.random = new Random(seed);
    this.seed = seed;
  }

  /** Begins the conversation after so many seconds. */
  public void start(double delay) {
    thread.after(
        delay,
        () -> {
          if (!hungUp) {
            call();
          }
        });
  }

  private void call() {
    id = name + "-" + calls++;
    figures.count(LoadStatistics.CALLS + group);
    conversation = new ConversationHandle(client, id, new Arrivals());
    send(
        ConversationStarted.newBuilder()
            .setInputFormat(new AudioFormat("pcm16", Recordings.SAMPLE_RATE, 1))
            .setOutputFormat(new AudioFormat("pcm16", 24_000, 1))
            .setSampling(Sampling.newBuilder().setSeed(seed).build())
            .build());
    think();
  }

  /** Ends the conversation. */
  public void hangUp() {
    thread.after(
        0,
        () -> {
          hungUp = true;
          if (state != State.GONE) {
            send(new ConversationEnded());
            leave();
          }
        });
  }

  private void leave() {
    state = State.GONE;
    question++;
    Objects.requireNonNull(conversation).close();
  }

  private void think() {
    state = State.THINKING;
    int now = ++question;
    thread.after(
        habits.thinking(random),
        () -> {
          if (now == question && state != State.GONE) {
            speak();
          }
        });
  }

  private void speak() {
    state = State.SPEAKING;
    int now = ++question;
    float[] samples = recordings.question(random.nextInt(1000), habits.question(random));
    chunk(now, SampleCoding.to16Bits(samples), 0, System.nanoTime());
  }

  /** Plans a chunk for the moment at which its last sample was spoken. */
  private void chunk(int now, short[] samples, int from, long begin) {
    Pacer pacer = new Pacer(Recordings.SAMPLE_RATE, habits.chunkMillis());
    int to = pacer.endOfChunk(from, samples.length);
    long due = pacer.spokenAt(begin, to);
    thread.after(
        (due - System.nanoTime()) / NANOS,
        () -> {
          if (now != question || state != State.SPEAKING) {
            return;
          }
          send(new AudioChunk(SampleCoding.toPcm16(samples, from, to), 0, -1L));
          figures.spoke(
              (to - from) / (double) Recordings.SAMPLE_RATE, (System.nanoTime() - due) / 1e6);
          if (to < samples.length) {
            chunk(now, samples, to, begin);
          } else {
            ask(new TurnEnded());
          }
        });
  }

  private void ask(Object event) {
    state = State.LISTENING;
    playback = new Playback();
    firstAudioMillis = 0;
    asked = System.nanoTime();
    answer = new AnswerCollector(true, false, asked);
    send(event);
    int now = question;
    thread.after(
        LONGEST_WAIT,
        () -> {
          if (now == question && state == State.LISTENING && !playback.begun()) {
            figures.count("unanswered");
            figures.firstAudio(group, LONGEST_WAIT * 1000);
            lastTurn++;
            think();
          }
        });
  }

  private void hear(SpeechResponse piece, long arrival) {
    if (state != State.LISTENING || piece.getTurn() <= lastTurn) {
      return;
    }
    int samples = piece.getBytes().remaining() / 2;
    if (samples > 0) {
      boolean first = !playback.begun();
      int before = playback.underruns();
      playback.arrive(arrival, (long) (samples * NANOS / piece.getFormat().getSampleRate()));
      figures.heard(samples / (double) piece.getFormat().getSampleRate());
      if (first) {
        playingTurn = piece.getTurn();
        firstAudioMillis = (arrival - asked) / 1e6;
        figures.firstAudio(group, firstAudioMillis);
        report(question);
        perhapsInterrupt();
      } else if (playback.underruns() > before) {
        figures.underrun(group, id, playback.longestGap() / 1e6);
      }
    }
    answer.add(piece);
    perhapsDone();
  }

  private void perhapsInterrupt() {
    if (random.nextDouble() >= habits.interruptions()) {
      return;
    }
    int now = question;
    thread.after(
        0.3 + random.nextDouble(),
        () -> {
          if (now == question && state == State.LISTENING) {
            figures.count("interrupted");
            send(Interrupted.newBuilder().build());
            send(played(System.nanoTime()));
            lastTurn = playingTurn;
            speak();
          }
        });
  }

  private PlaybackAcknowledged played(long now) {
    return new PlaybackAcknowledged(playingTurn, playback.heard(now) / 1_000_000);
  }

  private void report(int planned) {
    thread.after(
        REPORT_SECONDS,
        () -> {
          if (planned == question && state == State.LISTENING) {
            send(played(System.nanoTime()));
            report(planned);
          }
        });
  }

  private void read(TextResponse response) {
    Object body = response.getBody();
    if (state == State.GONE) {
      return;
    }
    if (body instanceof ConversationRefused refused) {
      figures.count(LoadStatistics.REFUSED);
      figures.count(LoadStatistics.REFUSED + group);
      leave();
      start(refused.getRetryAfterMillis() / 1000.0);
    } else if (body instanceof ConversationFailed failed) {
      figures.count("failed: " + failed.getCode());
      if (failed.getTerminal()) {
        leave();
      }
    } else if (state == State.LISTENING && response.getTurn() > lastTurn) {
      answer.add(response);
      if (body instanceof TurnCompleted done) {
        figures.stages(id, firstAudioMillis, done.getLatencies());
        if (done.getFinishReason() == FinishReason.TOOL_CALL && !answer.toolCalls().isEmpty()) {
          List<ToolCall> called = answer.toolCalls();
          figures.count("tool calls");
          lastTurn = response.getTurn();
          ask(new ToolResult(called.get(called.size() - 1).getCallId(), "done"));
        } else {
          playingTurn = response.getTurn();
          perhapsDone();
        }
      }
    }
  }

  /** Waits for the end of the playback when everything is there. */
  private void perhapsDone() {
    if (!answer.whole()) {
      return;
    }
    if (!playback.begun()) {
      figures.count("without speech");
    }
    int now = question;
    lastTurn = playingTurn;
    thread.after(
        playback.begun() ? (playback.playedOut() - System.nanoTime()) / NANOS : 0,
        () -> {
          if (now == question && state == State.LISTENING) {
            figures.count("answered");
            if (playback.begun()) {
              send(played(System.nanoTime()));
            }
            think();
          }
        });
  }

  private void send(Object body) {
    Objects.requireNonNull(conversation).send(body);
  }

  private void broke(RuntimeException e) {
    LOG.error("caller {} broke", id, e);
    figures.count("broken callers");
    state = State.GONE;
  }

  /** Notes when records came and hands them over. */
  private final class Arrivals implements ResponseListener {
    @Override
    public void onText(TextResponse response) {
      handOver(() -> read(response));
    }

    @Override
    public void onSpeech(SpeechResponse response) {
      long arrival = System.nanoTime();
      handOver(() -> hear(response, arrival));
    }

    @Override
    public void onDeadLetter(DeadLetter letter) {
      figures.count("dead letters");
    }

    @Override
    public void onFailure(Throwable error) {
      figures.count("connection failures");
    }

    private void handOver(Runnable action) {
      try {
        thread.execute(action);
      } catch (RejectedExecutionException e) {
        figures.count("arrivals after the end"); // the benchmark closes while answers still come
      }
    }
  }
}
