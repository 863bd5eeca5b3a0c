package io.antiphon.benchmarks.load;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.antiphon.schemas.StageLatencies;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What callers saw since the last {@link #restart}. Thread safe. */
public final class LoadStatistics {
  /** Conversations begun and refused; with a group's number behind it, by its callers. */
  public static final String CALLS = "calls";

  public static final String REFUSED = "refused";

  private static final Logger LOG = LoggerFactory.getLogger(LoadStatistics.class);
  private static final double SLOW_MILLIS = 300;

  private final Map<Integer, List<Double>> firstAudio = new TreeMap<>();
  private final Map<String, Integer> counts = new TreeMap<>();

  @GuardedBy("this")
  private double longestGapMillis;

  @GuardedBy("this")
  private double heardSeconds;

  @GuardedBy("this")
  private double spokenSeconds;

  @GuardedBy("this")
  private double latestSendMillis;

  /**
   * An answer began to sound.
   *
   * @param group of callers
   * @param millis after the last sample of the question was sent
   */
  public synchronized void firstAudio(int group, double millis) {
    firstAudio.computeIfAbsent(group, key -> new ArrayList<>()).add(millis);
  }

  /** An answer's playback stood still. */
  public synchronized void underrun(int group, String caller, double gapMillis) {
    LOG.info("{}: an answer stood still, for {} ms at most", caller, gapMillis);
    count("underruns" + group);
    count("underruns");
    longestGapMillis = Math.max(longestGapMillis, gapMillis);
  }

  /** What the dataflow says of an answer's stages, for those who look for where time was lost. */
  public void stages(String caller, double firstAudioMillis, StageLatencies stages) {
    if (firstAudioMillis > SLOW_MILLIS) {
      LOG.info("{}: first audio after {} ms; {}", caller, firstAudioMillis, stages);
    }
  }

  /** Counts an event: an answer's end, a refusal, a failure. */
  public synchronized void count(String event) {
    counts.merge(event, 1, Integer::sum);
  }

  /** A caller has spoken a chunk, so much later than planned. */
  public synchronized void spoke(double seconds, double lateMillis) {
    spokenSeconds += seconds;
    latestSendMillis = Math.max(latestSendMillis, lateMillis);
  }

  /** A caller has got a piece of speech. */
  public synchronized void heard(double seconds) {
    heardSeconds += seconds;
  }

  public synchronized void restart() {
    firstAudio.clear();
    counts.clear();
    longestGapMillis = 0;
    heardSeconds = 0;
    spokenSeconds = 0;
    latestSendMillis = 0;
  }

  /** First audio of one group of callers in milliseconds. */
  public synchronized List<Double> firstAudio(int group) {
    return List.copyOf(firstAudio.getOrDefault(group, List.of()));
  }

  public synchronized int counted(String event) {
    return counts.getOrDefault(event, 0);
  }

  public synchronized double longestGapMillis() {
    return longestGapMillis;
  }

  /** Seconds of audio that came and went. */
  public synchronized double audioSeconds() {
    return heardSeconds + spokenSeconds;
  }

  public synchronized double latestSendMillis() {
    return latestSendMillis;
  }

  /** All counts, for progress lines. */
  public synchronized String events() {
    return counts.toString();
  }
}
