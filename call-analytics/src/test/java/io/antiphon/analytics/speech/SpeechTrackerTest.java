package io.antiphon.analytics.speech;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.analytics.Interval;
import io.antiphon.analytics.SpeechEnergy;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SpeechTrackerTest {
  private static final int FRAME = 32;

  @Test
  void anyInterleavingGivesTheSameForEachChannel() {
    for (int seed = 0; seed < 60; seed++) {
      Random random = new Random(seed);
      List<List<SpeechFrame>> call = call(random, 1500, seed % 3 == 0 ? 25 : 0, new ArrayList<>());
      Heard straight = track(call, null);
      assertThat(straight.segments.get(0)).isNotEmpty();
      for (int i = 0; i < 4; i++) {
        assertThat(track(call, random)).as("seed " + seed).isEqualTo(straight);
      }
    }
  }

  @Test
  void theGateFollowsTheLeak() {
    for (int leak : new int[] {0, 18, 20, 25, 30, 35}) {
      List<List<Interval>> truth = new ArrayList<>();
      List<List<SpeechFrame>> call = call(new Random(leak), 20_000, leak, truth);
      Heard heard = track(call, null);
      for (int channel = 0; channel < 2; channel++) {
        long invented = 0;
        long missed = 0;
        long talk = 0;
        List<Interval> found = heard.segments.get(channel);
        for (Interval segment : truth.get(channel)) {
          long covered = found.stream().mapToLong(segment::overlapMillis).sum();
          talk += segment.lengthMillis();
          missed += segment.lengthMillis() - covered;
        }
        for (Interval segment : found) {
          invented +=
              segment.lengthMillis()
                  - truth.get(channel).stream().mapToLong(segment::overlapMillis).sum();
        }
        assertThat(invented).as("leak -" + leak + " dB, invented").isLessThan(talk * 3 / 100);
        assertThat(missed).as("leak -" + leak + " dB, missed").isLessThan(talk * 3 / 100);
      }
    }
  }

  @Test
  void anUtteranceEndsBySilenceOrIsCutWhereItIsLeastSpeechLike() {
    List<List<SpeechFrame>> call = new ArrayList<>();
    List<SpeechFrame> frames = new ArrayList<>();
    // 12 s of speech, one doubtful frame, speech up to 26 s, silence
    for (int i = 0; i < 1000; i++) {
      float probability = i == 400 ? 0.4f : i == 700 ? 0.7f : i < 812 ? 0.95f : 0.01f;
      frames.add(frame(i, probability, -20));
    }
    call.add(frames);
    Heard heard = track(call, null);
    assertThat(heard.segments.get(0)).containsExactly(new Interval(0, 812 * FRAME - 8));
    assertThat(heard.utterances.get(0))
        .containsExactly(
            new Utterance(0, 0, new Interval(0, 400 * FRAME), Utterance.End.LENGTH),
            new Utterance(0, 1, new Interval(400 * FRAME, 812 * FRAME - 8), Utterance.End.SILENCE));
  }

  @Test
  void noUtteranceIsLongerThanTheLimitAndAllTalkIsInOne() {
    for (int seed = 0; seed < 100; seed++) {
      Random random = new Random(seed);
      List<SpeechFrame> frames = new ArrayList<>();
      float level = 0.9f;
      for (int i = 0; i < 5000; i++) {
        if (random.nextInt(seed % 2 == 0 ? 300 : 20) == 0) {
          level = random.nextInt(4) == 0 ? 0.1f : 0.9f;
        }
        frames.add(frame(i, Math.min(1, level + random.nextFloat() * 0.1f), -20));
      }
      Heard heard = track(List.of(frames), null);
      long end = 0;
      for (Utterance utterance : heard.utterances.get(0)) {
        assertThat(utterance.interval().lengthMillis()).isBetween(1L, 20_032L);
        assertThat(utterance.interval().beginMillis()).isGreaterThanOrEqualTo(end);
        end = utterance.interval().endMillis();
      }
      for (Interval segment : heard.segments.get(0)) {
        long covered =
            heard.utterances.get(0).stream()
                .mapToLong(utterance -> segment.overlapMillis(utterance.interval()))
                .sum();
        assertThat(covered).isEqualTo(segment.lengthMillis());
      }
    }
  }

  @Test
  void tellsSilentIdenticalAndMonoChannels() {
    ChannelCheck identical = new ChannelCheck(2);
    ChannelCheck silent = new ChannelCheck(2);
    ChannelCheck good = new ChannelCheck(2);
    Random random = new Random(1);
    for (int i = 0; i < 500; i++) {
      SpeechFrame one = frame(i, 0.9f, -20 - random.nextInt(20));
      identical.frame(0, one);
      identical.frame(1, one);
      silent.frame(0, one);
      silent.frame(1, frame(i, 0.01f, -70));
      good.frame(0, one);
      good.frame(1, frame(i, 0.9f, -20 - random.nextInt(20)));
    }
    assertThat(identical.findings(1)).containsExactly(ChannelCheck.Finding.IDENTICAL);
    assertThat(silent.findings(0)).isEmpty();
    assertThat(silent.findings(1)).containsExactly(ChannelCheck.Finding.SILENT);
    assertThat(good.findings(0)).isEmpty();
    ChannelCheck mono = new ChannelCheck(1);
    mono.frame(0, frame(0, 0.9f, -20));
    assertThat(mono.findings(0)).containsExactly(ChannelCheck.Finding.MONO);
  }

  /** Two parties in turns, with overlaps, as frames of a detector that hears the leak as speech. */
  private static List<List<SpeechFrame>> call(
      Random random, int frames, int leak, List<List<Interval>> truth) {
    double[][] own = new double[2][frames];
    boolean[][] talks = new boolean[2][frames];
    int position = 10;
    int speaker = 0;
    while (position < frames) {
      int end = Math.min(frames, position + 40 + random.nextInt(120));
      for (int i = position; i < end; i++) {
        talks[speaker][i] = true;
      }
      position = end + (random.nextInt(6) == 0 ? -25 : 5 + random.nextInt(40));
      speaker = 1 - speaker;
    }
    for (int c = 0; c < 2; c++) {
      for (int i = 0; i < frames; i++) {
        own[c][i] = talks[c][i] ? -22 + random.nextGaussian() * 3 : -75 + random.nextGaussian();
      }
      truth.add(runs(talks[c]));
    }
    List<List<SpeechFrame>> call = new ArrayList<>();
    for (int c = 0; c < 2; c++) {
      List<SpeechFrame> channel = new ArrayList<>();
      for (int i = 0; i < frames; i++) {
        double power = Math.pow(10, own[c][i] / 10);
        if (leak > 0) {
          power += Math.pow(10, (own[1 - c][i] - leak) / 10);
        }
        double dbfs = 10 * Math.log10(power);
        boolean speechLike = talks[c][i] || leak > 0 && talks[1 - c][i] && dbfs > -58;
        channel.add(frame(i, speechLike ? 0.9f : 0.02f, dbfs));
      }
      call.add(channel);
    }
    return call;
  }

  private static List<Interval> runs(boolean[] talks) {
    List<Interval> runs = new ArrayList<>();
    int begin = -1;
    for (int i = 0; i <= talks.length; i++) {
      boolean on = i < talks.length && talks[i];
      if (on && begin < 0) {
        begin = i;
      } else if (!on && begin >= 0) {
        runs.add(new Interval((long) begin * FRAME, (long) i * FRAME));
        begin = -1;
      }
    }
    return runs;
  }

  private static SpeechFrame frame(int index, float probability, double dbfs) {
    long squares = (long) (Math.pow(10, dbfs / 10) * 32768 * 32768 * 512);
    return new SpeechFrame(
        (long) index * FRAME, (index + 1L) * FRAME, probability, new SpeechEnergy(squares, 512));
  }

  private record Heard(
      List<List<Interval>> segments,
      List<List<Utterance>> utterances,
      List<List<Boolean>> decisions,
      List<List<Long>> known) {}

  /** One channel after the other frame by frame, or as {@code random} wants it. */
  private static Heard track(List<List<SpeechFrame>> call, Random random) {
    Heard heard =
        new Heard(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    for (int c = 0; c < call.size(); c++) {
      heard.segments.add(new ArrayList<>());
      heard.utterances.add(new ArrayList<>());
      heard.decisions.add(new ArrayList<>());
      heard.known.add(new ArrayList<>());
    }
    SpeechTracker tracker =
        new SpeechTracker(
            call.size(),
            SpeechSettings.DEFAULT,
            new SpeechTracker.Listener() {
              @Override
              public void frame(int channel, GatedFrame frame) {
                heard.decisions.get(channel).add(frame.speech());
              }

              @Override
              public void talkBegan(int channel, long millis) {}

              @Override
              public void talkEnded(int channel, Interval segment) {
                heard.segments.get(channel).add(segment);
              }

              @Override
              public void known(int channel, long millis) {
                heard.known.get(channel).add(millis);
              }

              @Override
              public void utterance(Utterance utterance) {
                heard.utterances.get(utterance.channel()).add(utterance);
              }
            });
    int[] next = new int[call.size()];
    boolean[] ended = new boolean[call.size()];
    int turn = 0;
    int open = call.size();
    while (open > 0) {
      int channel = random == null ? turn++ % call.size() : random.nextInt(call.size());
      int burst = random == null ? 1 : random.nextInt(200);
      for (int i = 0; i < burst && next[channel] < call.get(channel).size(); i++) {
        tracker.frame(channel, call.get(channel).get(next[channel]++));
      }
      if (next[channel] == call.get(channel).size() && !ended[channel]) {
        tracker.end(channel);
        ended[channel] = true;
        open--;
      }
    }
    return heard;
  }
}
