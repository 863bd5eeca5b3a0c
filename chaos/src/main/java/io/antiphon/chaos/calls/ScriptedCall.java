package io.antiphon.chaos.calls;

import io.antiphon.chaos.callers.SpokenSample;
import io.antiphon.schemas.AudioChunk;
import io.antiphon.schemas.AudioFormat;
import io.antiphon.schemas.ConversationEnded;
import io.antiphon.schemas.ConversationEvent;
import io.antiphon.schemas.ConversationStarted;
import io.antiphon.schemas.Participant;
import io.antiphon.serde.Records;
import io.antiphon.serde.audio.SampleCoding;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * What the producers of one call of two send: recordings of the repository, one party after the
 * other, now and then over each other.
 */
final class ScriptedCall {
  /** Sound of one channel in a record. */
  static final int CHUNK_MILLIS = 200;

  private static final int CHUNK = SpokenSample.RATE * CHUNK_MILLIS / 1000;
  private static final int TURNS = 4;
  private static final int SHORTEST_GAP_MILLIS = -900;
  private static final int LONGEST_GAP_MILLIS = 1500;

  /** The producer's clock in every record: the same call has the same summary. */
  private static final long TIME = 1_800_000_000_000L;

  private final short[][] channels;

  private ScriptedCall(short[][] channels) {
    this.channels = channels;
  }

  static ScriptedCall of(long seed, List<SpokenSample> samples) {
    Random random = new Random(seed);
    short[][] channels = new short[2][CHUNK];
    int at = CHUNK;
    for (int turn = 0; turn < TURNS; turn++) {
      short[] spoken = samples.get(random.nextInt(samples.size())).samples();
      int end = at + spoken.length;
      channels[turn % 2] = Arrays.copyOf(channels[turn % 2], end);
      System.arraycopy(spoken, 0, channels[turn % 2], at, spoken.length);
      int gap = SHORTEST_GAP_MILLIS + random.nextInt(LONGEST_GAP_MILLIS - SHORTEST_GAP_MILLIS);
      at = Math.max(at, end + gap * (SpokenSample.RATE / 1000));
    }
    int length = Math.max(channels[0].length, channels[1].length) + CHUNK;
    length = (length + CHUNK - 1) / CHUNK * CHUNK;
    for (int channel = 0; channel < channels.length; channel++) {
      channels[channel] = Arrays.copyOf(channels[channel], length);
    }
    return new ScriptedCall(channels);
  }

  long millis() {
    return channels[0].length / (SpokenSample.RATE / 1000);
  }

  /**
   * Values of the records of the call under an id, as steps of {@link #CHUNK_MILLIS}: each step is
   * sent at once.
   */
  List<List<byte[]>> steps(String id) {
    List<List<byte[]>> steps = new ArrayList<>();
    long sequence = 0;
    steps.add(
        List.of(
            event(
                id,
                sequence++,
                ConversationStarted.newBuilder()
                    .setInputFormat(new AudioFormat("pcm16", SpokenSample.RATE, channels.length))
                    .setParticipants(
                        List.of(
                            new Participant("", "CUSTOMER", 0), new Participant("", "AGENT", 1)))
                    .setStartedAt(Instant.ofEpochMilli(TIME))
                    .build())));
    for (int at = 0; at < channels[0].length; at += CHUNK) {
      List<byte[]> step = new ArrayList<>();
      for (int channel = 0; channel < channels.length; channel++) {
        float[] samples =
            SampleCoding.toFloats(Arrays.copyOfRange(channels[channel], at, at + CHUNK));
        step.add(
            event(
                id,
                sequence++,
                new AudioChunk(ByteBuffer.wrap(SampleCoding.PCM16.encode(samples)), channel, -1L)));
      }
      steps.add(step);
    }
    steps.add(List.of(event(id, sequence, new ConversationEnded())));
    return steps;
  }

  private static byte[] event(String id, long sequence, Object body) {
    return Records.encode(new ConversationEvent(id, sequence, TIME, 0, body));
  }
}
