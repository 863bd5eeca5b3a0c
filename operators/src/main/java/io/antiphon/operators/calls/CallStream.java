package io.antiphon.operators.calls;

import io.antiphon.analytics.SpeechEnergy;
import io.antiphon.analytics.Word;
import io.antiphon.analytics.calls.AnalysisSettings;
import io.antiphon.analytics.calls.CallAnalysis;
import io.antiphon.analytics.calls.CallMoment;
import io.antiphon.analytics.calls.CallStart;
import io.antiphon.analytics.calls.CallSummary;
import io.antiphon.analytics.calls.TranscriptSegment;
import io.antiphon.analytics.figures.Interruption;
import io.antiphon.analytics.rules.CategoryMatch;
import io.antiphon.analytics.rules.RuleSet;
import io.antiphon.analytics.speech.SpeechFrame;
import io.antiphon.analytics.speech.Utterance;
import io.antiphon.operators.state.RecordFormat;
import io.antiphon.operators.state.StateEncoding;
import io.antiphon.runtime.SpeechDetector;
import io.antiphon.serde.audio.SampleCoding;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One call: the sound of its channels in, utterances to be recognised, events and in the end the
 * summary out. Detector, crosstalk gate and utterances go by media time, the count of each
 * channel's samples; however the sound is cut and interleaved, whenever texts come, and wherever
 * the stream is saved and goes on, the summary is the same.
 *
 * <p>For one thread. Sound is kept only as long as an utterance may still need it.
 */
public final class CallStream {
  /** Takes what is found. */
  public interface Outlet {
    /**
     * An utterance whose text is awaited by {@link CallStream#text}.
     *
     * @param endMillis {@link CallStream#WHOLE}, or where what was said of it so far ends
     * @param beginMillis media time of the first sample
     * @param samples its sound, 16 kHz
     */
    void recognise(int channel, int number, long endMillis, long beginMillis, short[] samples);

    /** See {@link CallAnalysis.Listener}. */
    default void transcript(TranscriptSegment segment, int revision) {}

    /** See {@link CallAnalysis.Listener}. */
    default void partial(Utterance soFar, int revision, String text) {}

    /** See {@link CallAnalysis.Listener}. */
    default void moment(CallMoment moment) {}

    /** See {@link CallAnalysis.Listener}. */
    default void original(TranscriptSegment segment) {}

    /** See {@link CallAnalysis.Listener}. */
    default void category(CategoryMatch match) {}

    /** See {@link CallAnalysis.Listener}. */
    default void interruption(int number, Interruption interruption) {}

    /** See {@link CallAnalysis.Listener}. */
    default void nonTalk(int number, long beginMillis, long endMillis) {}
  }

  /** Stands for an utterance as a whole. */
  public static final long WHOLE = -1;

  /** Sound on either side of an utterance that the recogniser hears with it. */
  private static final long AROUND_MILLIS = 250;

  private static final int SAMPLES_PER_MILLI = SpeechDetector.SAMPLE_RATE / 1000;
  private static final int SILENCE_AT_ONCE = 64 * SpeechDetector.WINDOW;

  private static final RecordFormat<CallStream> FORMAT =
      RecordFormat.into("call stream", 1, CallStream::write, CallStream::read);

  private final CallAnalysis analysis;
  private final SpeechDetector detector;
  private final Outlet outlet;
  private final List<Channel> channels = new ArrayList<>();

  /**
   * @param rules kept for the whole call
   */
  public CallStream(
      CallStart start,
      AnalysisSettings settings,
      RuleSet rules,
      SpeechDetector detector,
      Outlet outlet) {
    this.detector = detector;
    this.outlet = outlet;
    for (int channel = 0; channel < start.heardChannels(); channel++) {
      channels.add(new Channel(detector.open()));
    }
    this.analysis = new CallAnalysis(start, settings, rules, new Found());
  }

  /** The analysis, for what comes beside the sound. */
  public CallAnalysis analysis() {
    return analysis;
  }

  /**
   * What is heard next on a channel.
   *
   * @param samples 16 kHz, in -1 to 1; they are heard with 16 bits
   * @throws io.antiphon.runtime.HostClosedException when the model host has ended
   */
  public void audio(int channel, float[] samples) {
    Channel heard = channels.get(channel);
    short[] exact = SampleCoding.to16Bits(samples);
    heard.append(exact);
    heard.hear(SampleCoding.toFloats(exact));
    listen(channel);
  }

  /**
   * Nothing is heard on a channel; whole windows of it cost no detection, and the detector begins
   * anew behind it.
   *
   * @param samples how many at 16 kHz
   */
  public void silence(int channel, long samples) {
    Channel heard = channels.get(channel);
    long left = samples;
    while (left > 0) {
      int toWindow = (int) (heard.windowsEnd() - heard.length());
      int next = (int) Math.min(left, toWindow > 0 ? toWindow : SILENCE_AT_ONCE);
      heard.append(new short[next]);
      if (toWindow == 0 && next % SpeechDetector.WINDOW == 0) {
        heard.skip(next / SpeechDetector.WINDOW, detector);
      } else {
        heard.hear(new float[next]);
      }
      listen(channel);
      left -= next;
    }
  }

  /** Samples of a channel so far. */
  public long length(int channel) {
    return channels.get(channel).length();
  }

  /** Media time up to which a channel was heard, begun milliseconds included. */
  public long millis(int channel) {
    return millis(channels.get(channel).length());
  }

  /**
   * The call is over; texts may still come.
   *
   * @param reason why it ended
   */
  public void end(String reason) {
    long duration = 0;
    for (int channel = 0; channel < channels.size(); channel++) {
      Channel heard = channels.get(channel);
      duration = Math.max(duration, millis(heard.length()));
      int missing = (int) (heard.windowsEnd() - heard.length());
      if (missing > 0) {
        // It completes the detector's last window and is no part of the call.
        heard.hear(new float[missing]);
        listen(channel);
      }
    }
    analysis.end(duration, reason);
  }

  /**
   * The text of an utterance.
   *
   * @param endMillis {@link #WHOLE}, or where what was said of it so far ends
   * @param words null if it could not be recognised
   */
  public void text(int channel, int number, long endMillis, @Nullable List<Word> words) {
    if (endMillis == WHOLE) {
      analysis.text(channel, number, words);
    } else {
      analysis.partial(channel, number, endMillis, words);
    }
  }

  /** The summary, once the call is over and all texts have come; to be asked once. */
  public Optional<CallSummary> summary() {
    return analysis.summary();
  }

  /** Everything that later results depend on, but for utterances that are being recognised. */
  public void save(DataOutput out) throws IOException {
    FORMAT.put(this, out);
  }

  /** Goes on where {@link #save} was called; to be called on a new one. */
  public void load(DataInput in) throws IOException {
    FORMAT.load(this, in);
  }

  private void write(DataOutput out) throws IOException {
    analysis.save(out);
    for (Channel channel : channels) {
      channel.save(out);
    }
  }

  private void read(int version, DataInput in) throws IOException {
    analysis.load(in);
    for (Channel channel : channels) {
      channel.load(detector, in);
    }
  }

  private void listen(int channel) {
    Channel heard = channels.get(channel);
    while (heard.hasFrame()) {
      analysis.frame(channel, heard.frame());
      long open = analysis.openSince(channel);
      heard.forget((open >= 0 ? open : analysis.knownUntil(channel)) - AROUND_MILLIS - 1);
    }
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
      short[] sound = heard.between(begin, end);
      outlet.recognise(utterance.channel(), utterance.number(), WHOLE, Math.max(0, begin), sound);
    }

    @Override
    public void partialUtterance(Utterance soFar) {
      Channel heard = channels.get(soFar.channel());
      long begin = Math.max(heard.transcribedTo, soFar.interval().beginMillis() - AROUND_MILLIS);
      long end = soFar.interval().endMillis();
      short[] sound = heard.between(begin, end);
      outlet.recognise(soFar.channel(), soFar.number(), end, Math.max(0, begin), sound);
    }

    @Override
    public void transcript(TranscriptSegment segment, int revision) {
      outlet.transcript(segment, revision);
    }

    @Override
    public void partial(Utterance soFar, int revision, String text) {
      outlet.partial(soFar, revision, text);
    }

    @Override
    public void moment(CallMoment moment) {
      outlet.moment(moment);
    }

    @Override
    public void original(TranscriptSegment segment) {
      outlet.original(segment);
    }

    @Override
    public void category(CategoryMatch match) {
      outlet.category(match);
    }

    @Override
    public void interruption(int number, Interruption interruption) {
      outlet.interruption(number, interruption);
    }

    @Override
    public void nonTalk(int number, long beginMillis, long endMillis) {
      outlet.nonTalk(number, beginMillis, endMillis);
    }
  }

  /** The sound of a channel that is still needed, and the detector that hears it. */
  private static final class Channel {
    private SpeechDetector.Stream stream;
    private final Deque<Float> probabilities = new ArrayDeque<>();
    private short[] samples = new short[0];

    /** Position of the first kept sample, from the call's begin. */
    private long kept;

    /** Samples of which frames were made. */
    private long framed;

    private long transcribedTo;

    Channel(SpeechDetector.Stream stream) {
      this.stream = stream;
    }

    void append(short[] next) {
      int before = samples.length;
      samples = Arrays.copyOf(samples, before + next.length);
      System.arraycopy(next, 0, samples, before, next.length);
    }

    void hear(float[] next) {
      for (float probability : stream.append(next)) {
        probabilities.add(probability);
      }
    }

    void skip(int windows, SpeechDetector detector) {
      for (int i = 0; i < windows; i++) {
        probabilities.add(0f);
      }
      stream = detector.open();
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

    void save(DataOutput out) throws IOException {
      StateEncoding.writeFloats(stream.state(), out);
      StateEncoding.writeList(List.copyOf(probabilities), (each, to) -> to.writeFloat(each), out);
      Sound.write(samples, out);
      out.writeLong(kept);
      out.writeLong(framed);
      out.writeLong(transcribedTo);
    }

    void load(SpeechDetector detector, DataInput in) throws IOException {
      stream = detector.restore(StateEncoding.readFloats(in));
      probabilities.addAll(StateEncoding.readList(DataInput::readFloat, in));
      samples = Sound.read(in);
      kept = in.readLong();
      framed = in.readLong();
      transcribedTo = in.readLong();
    }
  }
}
