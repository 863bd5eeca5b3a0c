package io.antiphon.operators;

import io.antiphon.analytics.Word;
import io.antiphon.analytics.calls.TranscriptSegment;
import io.antiphon.analytics.calls.WrittenSummary;
import io.antiphon.operators.calls.Summarizer;
import io.antiphon.operators.calls.Transcriber;
import io.antiphon.operators.message.InboundRecord;
import io.antiphon.schemas.AudioChunk;
import io.antiphon.schemas.AudioFormat;
import io.antiphon.schemas.ConversationEnded;
import io.antiphon.schemas.ConversationStarted;
import io.antiphon.schemas.HoldEnded;
import io.antiphon.schemas.HoldStarted;
import io.antiphon.schemas.KeyPressed;
import io.antiphon.schemas.Mode;
import io.antiphon.schemas.Participant;
import io.antiphon.schemas.ParticipantChanged;
import io.antiphon.schemas.RecordingPaused;
import io.antiphon.schemas.RecordingResumed;
import io.antiphon.schemas.TurnEnded;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A call of two with everything that can be in one: the customer on channel 0. */
final class CallStory {
  static final int RATE = 8_000;

  /** Rules that the call fits. */
  static final String RULES =
      "{\"version\":\"7\",\"categories\":["
          + "{\"name\":\"greeting\",\"when\":{\"said\":{\"phrases\":[\"hello\"],\"by\":\"CUSTOMER\"}}},"
          + "{\"name\":\"waited\",\"when\":{\"silence\":{\"longerThanMillis\":3000}}},"
          + "{\"name\":\"cut off\",\"when\":{\"interruption\":{\"by\":\"AGENT\",\"longerThanMillis\":500}}}]}";

  private static final int CHUNK_MILLIS = 400;

  /** More records than all tests together send. */
  private static final long BEHIND_STORED = 1L << 40;

  /** Who talks when, in milliseconds, by channel. */
  private static final int[][][] TALK = {
    {{320, 2600}, {5200, 7400}, {12_800, 14_000}, {19_000, 21_000}},
    {{2900, 5000}, {6600, 8600}, {9000, 12_000}, {21_200, 22_600}}
  };

  private CallStory() {}

  /** What is written down tells which samples were heard, and a card number. */
  static final Transcriber TRANSCRIBER =
      (name, samples, timed) ->
          CompletableFuture.completedFuture(
              Transcriber.words(
                  "hello and good morning to all of you out there who listen today "
                      + "thanks ".repeat(1 + (Arrays.hashCode(samples) & 7))
                      + "my card is four one one one one one one one one one one one one one one one"
                      + " and it is "
                      + (Arrays.hashCode(samples) % 2 == 0 ? "terrible" : "great")));

  /** The same with times; all words take as long. */
  static final Transcriber TIMED_TRANSCRIBER =
      (name, samples, timed) ->
          TRANSCRIBER
              .transcribe(name, samples, timed)
              .thenApply(
                  words -> {
                    int length = samples.length / 16 / words.size();
                    List<Word> all = new ArrayList<>();
                    for (Word word : words) {
                      int begin = all.size() * length;
                      all.add(new Word(word.text(), begin, begin + length));
                    }
                    return all;
                  });

  /** What is written tells how much was said, and quotes the last of it. */
  static final Summarizer SUMMARIZER =
      (name, transcript) -> {
        TranscriptSegment last = transcript.get(transcript.size() - 1);
        return CompletableFuture.completedFuture(
            Optional.of(
                new WrittenSummary(
                    "After " + transcript.size() + " utterances \"" + last.text() + "\".", 2)));
      };

  static ConversationStarted.Builder started(int channels) {
    return ConversationStarted.newBuilder()
        .setTenant("bank")
        .setMode(Mode.TRANSCRIPTION)
        .setInputFormat(new AudioFormat("pcm16", RATE, channels))
        .setAttributes(Map.of("queue", "cards", "direction", "inbound"))
        .setStartedAt(Instant.ofEpochMilli(1_800_000_000_000L));
  }

  static ConversationStarted two() {
    return started(2)
        .setParticipants(
            List.of(new Participant("c-17", "CUSTOMER", 0), new Participant("a-3", "AGENT", 1)))
        .build();
  }

  /** Sound of a channel, loud where somebody talks. */
  static AudioChunk chunk(int channel, int fromMillis, int toMillis, long offsetMillis) {
    int from = fromMillis * RATE / 1000;
    int to = toMillis * RATE / 1000;
    ByteBuffer bytes = ByteBuffer.allocate(2 * (to - from)).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = from; i < to; i++) {
      boolean talks = false;
      for (int[] each : TALK[channel]) {
        talks |= i >= each[0] * RATE / 1000 && i < each[1] * RATE / 1000;
      }
      bytes.putShort((short) (talks ? 6000 * Math.sin(i * (0.2 + 0.1 * channel)) : 0));
    }
    return new AudioChunk(bytes.flip(), channel, offsetMillis);
  }

  /** The same records, in the topic behind those of the stored snapshot, whichever tests ran. */
  static InboundRecord[] behindStored(List<InboundRecord> records) {
    return records.stream()
        .map(
            each ->
                new InboundRecord(
                    each.topic(),
                    each.partition(),
                    each.offset() + BEHIND_STORED,
                    each.timestamp(),
                    each.key(),
                    each.value()))
        .toArray(InboundRecord[]::new);
  }

  /** The whole call: hold, pause, keys, a transfer, a silence that is not sent. */
  static List<InboundRecord> records(Script script) {
    List<InboundRecord> records = new ArrayList<>();
    records.add(script.event(two()));
    for (int at = 0; at < 23_200; at += CHUNK_MILLIS) {
      if (at >= 14_400 && at < 18_400) {
        continue;
      }
      if (at == 8800) {
        records.add(script.event(new HoldStarted(0, -1L)));
      } else if (at == 12_400) {
        records.add(script.event(new HoldEnded(0, -1L)));
        records.add(script.event(new TurnEnded()));
      } else if (at == 19_200) {
        records.add(script.event(new RecordingPaused(19_400L)));
        records.add(script.event(new KeyPressed("4", 0, -1L)));
      } else if (at == 20_400) {
        records.add(script.event(new RecordingResumed(20_200L)));
      } else if (at == 20_800) {
        records.add(
            script.event(new ParticipantChanged(new Participant("a-9", "AGENT", 1), 21_000L)));
      }
      long offset = at == 18_400 ? at : -1;
      records.add(script.event(chunk(0, at, at + CHUNK_MILLIS, offset)));
      records.add(script.event(chunk(1, at, at + CHUNK_MILLIS, offset)));
    }
    records.add(script.event(new ConversationEnded()));
    return records;
  }
}
