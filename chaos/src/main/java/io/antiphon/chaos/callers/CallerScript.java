package io.antiphon.chaos.callers;

import io.antiphon.schemas.AudioFormat;
import io.antiphon.schemas.ConversationStarted;
import io.antiphon.schemas.Sampling;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * What a caller says, turn by turn, and the seed of what is answered: everything that decides a
 * conversation, so that it can be held again.
 *
 * @param transcribes whether transcripts of the caller's turns are wanted
 */
public record CallerScript(int number, long seed, boolean transcribes, List<SpokenSample> turns) {
  private static final int FEWEST_TURNS = 3;
  private static final int MOST_TURNS = 5;

  /** So many scripts, the same for the same seed. */
  public static List<CallerScript> of(long seed, int count, List<SpokenSample> samples) {
    Random random = new Random(seed);
    List<CallerScript> scripts = new ArrayList<>();
    for (int number = 0; number < count; number++) {
      int length = FEWEST_TURNS + random.nextInt(MOST_TURNS - FEWEST_TURNS + 1);
      List<SpokenSample> turns = new ArrayList<>();
      for (int turn = 0; turn < length; turn++) {
        turns.add(samples.get(random.nextInt(samples.size())));
      }
      scripts.add(new CallerScript(number, random.nextLong(), number % 2 == 1, List.copyOf(turns)));
    }
    return scripts;
  }

  public ConversationStarted start() {
    return ConversationStarted.newBuilder()
        .setInputFormat(
            AudioFormat.newBuilder().setEncoding("pcm16").setSampleRate(SpokenSample.RATE).build())
        .setSampling(Sampling.newBuilder().setSeed(seed).build())
        .setTranscribeInput(transcribes)
        .build();
  }
}
