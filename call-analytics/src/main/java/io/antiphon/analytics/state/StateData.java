package io.antiphon.analytics.state;

import io.antiphon.analytics.Interval;
import io.antiphon.analytics.SpeechEnergy;
import io.antiphon.analytics.Word;
import io.antiphon.analytics.speech.SpeechFrame;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The values that an analysis consists of, in bytes: lists and texts by their length as int. The
 * version stands once, at the head of the whole analysis.
 */
public final class StateData {
  private StateData() {}

  /** Writes a value. */
  @FunctionalInterface
  public interface Writer<T extends @Nullable Object> {
    void write(T value, DataOutput out) throws IOException;
  }

  /** Reads what a {@link Writer} wrote. */
  @FunctionalInterface
  public interface Reader<T extends @Nullable Object> {
    T read(DataInput in) throws IOException;
  }

  public static <T extends @Nullable Object> void writeList(
      Collection<T> values, Writer<? super T> writer, DataOutput out) throws IOException {
    out.writeInt(values.size());
    for (T value : values) {
      writer.write(value, out);
    }
  }

  public static <T extends @Nullable Object> List<T> readList(Reader<T> reader, DataInput in)
      throws IOException {
    int size = in.readInt();
    List<T> values = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      values.add(reader.read(in));
    }
    return values;
  }

  public static void writeText(String text, DataOutput out) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  public static String readText(DataInput in) throws IOException {
    byte[] bytes = new byte[in.readInt()];
    in.readFully(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** A level of a second, or none. */
  public static void writeScore(@Nullable Integer score, DataOutput out) throws IOException {
    out.writeByte(score == null ? -1 : score);
  }

  public static @Nullable Integer readScore(DataInput in) throws IOException {
    int score = in.readByte();
    return score < 0 ? null : Integer.valueOf(score);
  }

  public static List<@Nullable Integer> readScores(DataInput in) throws IOException {
    int size = in.readInt();
    List<@Nullable Integer> scores = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      scores.add(readScore(in));
    }
    return scores;
  }

  public static void writeInterval(Interval interval, DataOutput out) throws IOException {
    out.writeLong(interval.beginMillis());
    out.writeLong(interval.endMillis());
  }

  public static Interval readInterval(DataInput in) throws IOException {
    return new Interval(in.readLong(), in.readLong());
  }

  public static void writeWord(Word word, DataOutput out) throws IOException {
    writeText(word.text(), out);
    out.writeLong(word.beginMillis());
    out.writeLong(word.endMillis());
  }

  public static Word readWord(DataInput in) throws IOException {
    return new Word(readText(in), in.readLong(), in.readLong());
  }

  public static void writeEnergy(SpeechEnergy energy, DataOutput out) throws IOException {
    out.writeLong(energy.sumOfSquares());
    out.writeLong(energy.samples());
  }

  public static SpeechEnergy readEnergy(DataInput in) throws IOException {
    return new SpeechEnergy(in.readLong(), in.readLong());
  }

  public static void writeFrame(SpeechFrame frame, DataOutput out) throws IOException {
    out.writeLong(frame.beginMillis());
    out.writeInt((int) (frame.endMillis() - frame.beginMillis()));
    out.writeFloat(frame.probability());
    writeEnergy(frame.energy(), out);
  }

  public static SpeechFrame readFrame(DataInput in) throws IOException {
    long begin = in.readLong();
    long end = begin + in.readInt();
    return new SpeechFrame(begin, end, in.readFloat(), readEnergy(in));
  }
}
