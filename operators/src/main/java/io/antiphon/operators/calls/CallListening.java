package io.antiphon.operators.calls;

import io.antiphon.analytics.SpeechEnergy;
import io.antiphon.analytics.Word;
import io.antiphon.analytics.calls.AnalysisSettings;
import io.antiphon.analytics.calls.CallAnalysis;
import io.antiphon.analytics.calls.CallStart;
import io.antiphon.analytics.calls.CallSummary;
import io.antiphon.analytics.calls.TranscriptSegment;
import io.antiphon.analytics.rules.CategoryMatch;
import io.antiphon.analytics.rules.RuleSet;
import io.antiphon.analytics.speech.SpeechFrame;
import io.antiphon.analytics.speech.Utterance;
import io.antiphon.runtime.HostClosedException;
import io.antiphon.runtime.SpeechDetector;
import io.antiphon.serde.audio.SampleCoding;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Listens to one call: the sound of its channels in, its summary out. Detector, crosstalk gate and
 * utterances go by media time, the count of each channel's samples; however the sound is cut and
 * interleaved, and whenever texts come, the summary is the same.
 *
 * <p>For one thread. Sound is kept only as long as an utterance may still need it; at most {@value
 * #MOST_PENDING} utterances are being transcribed, further ones wait in {@link #audio}.
 */
public final class CallListening {
  /** Sound on either side of an utterance that the transcriber hears with it. */
  private static final long AROUND_MILLIS = 250;

  private static final int MOST_PENDING = 8;
  private static final int SAMPLES_PER_MILLI = SpeechDetector.SAMPLE_RATE / 1000;

  private record Pending(int channel, int number, CompletableFuture<String> text) {}

  private final CallStart start;
  private final CallAnalysis analysis;
  private final Transcriber transcriber;
  private final List<Channel> channels = new ArrayList<>();
  private final Deque<Pending> pending = new ArrayDeque<>();

  /**
   * @param rules kept for the whole call
   */
  public CallListening(
      CallStart start,
      AnalysisSettings settings,
      RuleSet rules,
      SpeechDetector detector,
      Transcriber transcriber) {
    this.start = start;
    this.transcriber = transcriber;
    start.participants().forEach(participant -> channels.add(new Channel(detector.open())));
    this.analysis = new CallAnalysis(start, settings, rules, new Found());
  }

  /**
   * What is heard next on a channel.
   *
   * @param samples 16 kHz, in -1 to 1; they are heard with 16 bits
   * @throws HostClosedException when the model host has ended
   */
  public void audio(int channel, float[] samples) {
    channels.get(channel).append(SampleCoding.to16Bits(samples));
    listen(channel);
    while (!pending.isEmpty()
        && (pending.peek().text().isDone() || pending.size() > MOST_PENDING)) {
      take(pending.poll());
    }
  }

  /**
   * The call is over; waits for its last texts.
   *
   * @param reason why it ended
   * @param model names what transcribed it
   */
  public CallSummary end(String reason, String model) {
    long duration = 0;
    for (int channel = 0; channel < channels.size(); channel++) {
      Channel heard = channels.get(channel);
      duration = Math.max(duration, millis(heard.length()));
      int missing = (int) (heard.windowsEnd() - heard.length());
      if (missing > 0) {
        heard.close(missing);
        listen(channel);
      }
    }
    analysis.end(duration, reason);
    while (!pending.isEmpty()) {
      take(pending.poll());
    }
    return analysis
        .summary()
        .orElseThrow(() -> new IllegalStateException("a text of " + start.callId() + " is missing"))
        .withModel(model);
  }

  private void listen(int channel) {
    Channel heard = channels.get(channel);
    while (heard.hasFrame()) {
      analysis.frame(channel, heard.frame());
      long open = analysis.openSince(channel);
      heard.forget((open >= 0 ? open : analysis.knownUntil(channel)) - AROUND_MILLIS - 1);
    }
  }

  private void take(Pending next) {
    List<Word> words = null;
    try {
      words = words(next.text().join());
    } catch (CompletionException e) {
      if (e.getCause() instanceof HostClosedException closed) {
        throw closed;
      }
    }
    // Without words the utterance counts as failed.
    analysis.text(next.channel(), next.number(), words);
  }

  private static List<Word> words(String text) {
    return text.isBlank()
        ? List.of()
        : Arrays.stream(text.strip().split("\\s+")).map(word -> new Word(word, -1, -1)).toList();
  }

  private static long millis(long samples) {
    return (samples + SAMPLES_PER_MILLI - 1) / SAMPLES_PER_MILLI;
  }

  private final class Found implements CallAnalysis.Listener {
    @Override
    public void utterance(Utterance utterance) {
      Channel heard = channels.get(utterance.channel());
      long begin =
          Math.max(heard.transcribedTo, utterance.interval().beginMillis() - AROUND_MILLIS);
      long end = utterance.interval().endMillis();
      // A long utterance goes on where it is cut.
      end += utterance.end() == Utterance.End.LENGTH ? 0 : AROUND_MILLIS;
      heard.transcribedTo = utterance.interval().endMillis();
      String name = start.callId() + " " + utterance.channel() + "-" + utterance.number();
      pending.add(
          new Pending(
              utterance.channel(),
              utterance.number(),
              transcriber.transcribe(name, SampleCoding.toFloats(heard.between(begin, end)))));
    }

    @Override
    public void transcript(TranscriptSegment segment) {}

    @Override
    public void category(CategoryMatch match) {}
  }

  /** The sound of a channel that is still needed, and the detector that hears it. */
  private static final class Channel {
    private final SpeechDetector.Stream detector;
    private final Deque<Float> probabilities = new ArrayDeque<>();
    private short[] samples = new short[0];

    /** Position of the first kept sample, from the call's begin. */
    private long kept;

    /** Samples of which frames were made. */
    private long framed;

    private long transcribedTo;

    Channel(SpeechDetector.Stream detector) {
      this.detector = detector;
    }

    void append(short[] next) {
      int before = samples.length;
      samples = Arrays.copyOf(samples, before + next.length);
      System.arraycopy(next, 0, samples, before, next.length);
      hear(SampleCoding.toFloats(next));
    }

    /** Silence that completes the detector's last window and is no part of the call. */
    void close(int missing) {
      hear(new float[missing]);
    }

    private void hear(float[] next) {
      for (float probability : detector.append(next)) {
        probabilities.add(probability);
      }
    }

    long length() {
      return kept + samples.length;
    }

    /** Where the last window ends, begun ones included. */
    long windowsEnd() {
      return (length() + SpeechDetector.WINDOW - 1) / SpeechDetector.WINDOW * SpeechDetector.WINDOW;
    }

    boolean hasFrame() {
      return !probabilities.isEmpty();
    }

    SpeechFrame frame() {
      long end = Math.min(length(), framed + SpeechDetector.WINDOW);
      SpeechFrame frame =
          new SpeechFrame(
              millis(framed),
              millis(end),
              probabilities.poll(),
              SpeechEnergy.of(samples, (int) (framed - kept), (int) (end - kept)));
      framed = end;
      return frame;
    }

    short[] between(long beginMillis, long endMillis) {
      long begin = Math.max(kept, beginMillis * SAMPLES_PER_MILLI);
      long end = Math.min(length(), endMillis * SAMPLES_PER_MILLI);
      return Arrays.copyOfRange(samples, (int) (begin - kept), (int) (end - kept));
    }

    /** Nothing before this is asked for again; drops it when that is worth a copy. */
    void forget(long millis) {
      long before = Math.min(framed, millis * SAMPLES_PER_MILLI);
      if (before - kept > 2L * SpeechDetector.SAMPLE_RATE) {
        samples = Arrays.copyOfRange(samples, (int) (before - kept), samples.length);
        kept = before;
      }
    }
  }
}
