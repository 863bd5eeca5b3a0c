package io.antiphon.runtime.detokenizer;

import io.antiphon.runtime.manifest.Manifest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One answer's way through flow and vocoder. Ids are cut into windows at fixed places, whatever
 * pieces they come in, so that the same ids always make the same calls.
 *
 * <p>Its carry has ids and frames, not the vocoder's states, which are some twenty times as large:
 * they are computed again from the last frames and from the cumulative states before each of them.
 */
final class CosyVoiceStream implements SpeechDecoder.Stream {
  private static final int KIND = 'C';
  private static final int VERSION = 1;
  private static final int LONGEST = 1 << 20;

  /**
   * A call of the flow.
   *
   * @param ids of the prompt, the window's own ones, and those behind it, -1 for none
   * @param own how many are the window's own
   * @param first number of the prompt's first frame in the answer, negative within a voice's prompt
   */
  record Window(int[] ids, int own, float[] promptMel, long first) {}

  /**
   * Frames {@code [frames x melBins]} that went through the vocoder, and its states before them.
   */
  private record Spoken(List<byte[]> cumulative, float[] mel) {}

  private final Manifest.CosyVoice sizes;
  private final CosyVoiceSpeaker speaker;
  private final List<Integer> cumulative = new ArrayList<>();
  private long seed;

  private int windows;
  private int[] pending;
  private int[] promptIds;
  private float[] promptMel;

  /** Frames that the flow made. */
  private long made;

  /** Frames that wait for the vocoder's first call. */
  private float[] waiting;

  /** Frames for calls of the vocoder, each of its own. */
  private final Deque<float[]> toSpeak = new ArrayDeque<>();

  /** The vocoder's states, in the manifest's order; null while they are to be computed again. */
  private byte @Nullable [][] states;

  private final Deque<Spoken> spoken = new ArrayDeque<>();

  /** Frames that the vocoder was given. */
  private long given;

  private long ids;
  private long samples;
  private float[] heard;

  CosyVoiceStream(Manifest.CosyVoice sizes, CosyVoiceSpeaker speaker, long seed) {
    this.sizes = sizes;
    this.speaker = speaker;
    this.seed = seed;
    for (int i = 0; i < sizes.states().size(); i++) {
      if (sizes.cumulativeStates().contains(sizes.states().get(i).name())) {
        cumulative.add(i);
      }
    }
    reset();
  }

  /** The beginning of an answer. */
  void reset() {
    windows = 0;
    pending = new int[0];
    promptIds = speaker.ids();
    promptMel = speaker.mel();
    made = 0;
    waiting = new float[0];
    toSpeak.clear();
    states = fresh();
    spoken.clear();
    given = 0;
    ids = 0;
    samples = 0;
    heard = new float[0];
  }

  private byte[][] fresh() {
    byte[][] fresh = new byte[sizes.states().size()][];
    for (int i = 0; i < fresh.length; i++) {
      Manifest.State state = sizes.states().get(i);
      fresh[i] = new byte[state.size() * state.type().bytes()];
      DetokenizerState.fill(state, ByteBuffer.wrap(fresh[i]).order(ByteOrder.nativeOrder()));
    }
    return fresh;
  }

  float[] embedding() {
    return speaker.embedding();
  }

  long seed() {
    return seed;
  }

  void append(int[] more) {
    pending = joined(pending, more);
    ids += more.length;
  }

  /** The next call of the flow; none while ids are missing. */
  Optional<Window> window(boolean last) {
    int wanted =
        (int) Math.min((long) sizes.firstTokens() << Math.min(windows, 30), sizes.hopTokens());
    int ahead = sizes.lookAheadTokens();
    if (pending.length < wanted + ahead && !(last && pending.length > 0)) {
      return Optional.empty();
    }
    int own = Math.min(wanted, pending.length);
    int[] behind = new int[ahead];
    Arrays.fill(behind, -1);
    System.arraycopy(pending, own, behind, 0, Math.min(ahead, pending.length - own));
    int[] ownIds = Arrays.copyOf(pending, own);
    Window window =
        new Window(
            joined(joined(promptIds, ownIds), behind),
            own,
            promptMel,
            made - (long) promptIds.length * sizes.framesPerToken());
    windows++;
    pending = Arrays.copyOfRange(pending, own, pending.length);
    promptIds = last(joined(promptIds, ownIds), sizes.promptTokens());
    return Optional.of(window);
  }

  /** Takes the frames of the window that was given last. */
  void made(float[] mel) {
    int bins = sizes.melBins();
    promptMel = last(joined(promptMel, mel), promptIds.length * sizes.framesPerToken() * bins);
    made += mel.length / bins;
    if (given > 0 || !toSpeak.isEmpty()) {
      toSpeak.add(mel);
      return;
    }
    waiting = joined(waiting, mel);
    int first = sizes.delayFrames() * bins;
    if (waiting.length >= first) {
      toSpeak.add(Arrays.copyOf(waiting, first));
      if (waiting.length > first) {
        toSpeak.add(Arrays.copyOfRange(waiting, first, waiting.length));
      }
      waiting = new float[0];
    }
  }

  /** After the last window: frames of silence bring what the vocoder is behind. */
  void finish() {
    if (made == 0) {
      return;
    }
    int bins = sizes.melBins();
    int missing = (sizes.delaySamples() + frameSamples() - 1) / frameSamples();
    if (waiting.length > 0) {
      missing -= sizes.delayFrames() - waiting.length / bins;
      toSpeak.add(Arrays.copyOf(waiting, sizes.delayFrames() * bins));
    }
    toSpeak.add(new float[missing * bins]);
  }

  private int frameSamples() {
    return sizes.samplesPerToken() / sizes.framesPerToken();
  }

  /** Frames for the next call of the vocoder, or null. */
  float @Nullable [] nextToSpeak() {
    return toSpeak.poll();
  }

  byte[][] states() {
    return Objects.requireNonNull(states, "the vocoder's states are to be computed again");
  }

  /** Number of the first sample whose noise the next call of the vocoder takes. */
  long firstNoise() {
    return (given - sizes.delayFrames() + 1) * frameSamples();
  }

  /** The vocoder is about to be given these frames. */
  void speaking(float[] mel) {
    byte[][] before = states();
    spoken.add(new Spoken(cumulative.stream().map(i -> before[i].clone()).toList(), mel));
    while (enoughWithoutTheFirst()) {
      spoken.removeFirst();
    }
  }

  /** Whether frames behind the first ones bring pitch, phases and all other states back. */
  private boolean enoughWithoutTheFirst() {
    long pitch = 0;
    long rest = 0;
    boolean first = true;
    for (Spoken piece : spoken) {
      if (first) {
        first = false;
      } else if (pitch < sizes.pitchFrames()) {
        pitch += piece.mel().length / sizes.melBins();
      } else {
        rest += piece.mel().length / sizes.melBins();
      }
    }
    return rest >= sizes.memoryFrames();
  }

  /** Takes what a call of the vocoder gave: the answer's samples, without those before it. */
  void spoke(float[] pcm) {
    long begin = samples;
    samples += pcm.length;
    given += pcm.length / frameSamples();
    long length = ids * sizes.samplesPerToken();
    long first = Math.max(0, sizes.delaySamples() - begin);
    long behind = Math.min(pcm.length, sizes.delaySamples() + length - begin);
    if (first < behind) {
      heard = joined(heard, Arrays.copyOfRange(pcm, (int) first, (int) behind));
    }
  }

  /** The answer's samples since the last call of this. */
  float[] heard() {
    float[] result = heard;
    heard = new float[0];
    return result;
  }

  /** A restored stream's frames for calls of the vocoder that bring its states back. */
  List<float[]> toSpeakAgain() {
    if (states != null) {
      return List.of();
    }
    states = fresh();
    return spoken.stream().map(Spoken::mel).toList();
  }

  /** Before the call for piece {@code number} of {@link #toSpeakAgain}. */
  void speakingAgain(int number) {
    Spoken piece = new ArrayList<>(spoken).get(number);
    for (int i = 0; i < cumulative.size(); i++) {
      states()[cumulative.get(i)] = piece.cumulative().get(i).clone();
    }
  }

  @Override
  public byte[] carry() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(KIND);
      out.writeByte(VERSION);
      out.writeLong(seed);
      out.writeInt(windows);
      out.writeLong(made);
      out.writeLong(given);
      out.writeLong(ids);
      out.writeLong(samples);
      write(out, pending);
      write(out, promptIds);
      write(out, promptMel);
      write(out, waiting);
      out.writeInt(spoken.size());
      for (Spoken piece : spoken) {
        for (byte[] state : piece.cumulative()) {
          out.write(state);
        }
        write(out, piece.mel());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  @Override
  public void restore(byte[] carry) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(carry))) {
      if (in.read() != KIND || in.read() != VERSION) {
        throw new IOException("another kind or version");
      }
      reset();
      seed = in.readLong();
      windows = in.readInt();
      made = in.readLong();
      given = in.readLong();
      ids = in.readLong();
      samples = in.readLong();
      pending = readInts(in);
      promptIds = readInts(in);
      promptMel = readFloats(in);
      waiting = readFloats(in);
      int pieces = length(in);
      for (int i = 0; i < pieces; i++) {
        List<byte[]> before = new ArrayList<>();
        for (int state : cumulative) {
          byte[] value = new byte[states()[state].length];
          in.readFully(value);
          before.add(value);
        }
        spoken.add(new Spoken(before, readFloats(in)));
      }
      if (in.read() >= 0
          || promptMel.length
              != (long) promptIds.length * sizes.framesPerToken() * sizes.melBins()) {
        throw new IOException("other sizes");
      }
      states = null;
    } catch (IOException e) {
      reset();
      throw new IllegalArgumentException(
          "a detokenizer carry of " + carry.length + " bytes does not belong to this bundle", e);
    }
  }

  private static void write(DataOutputStream out, int[] values) throws IOException {
    out.writeInt(values.length);
    for (int value : values) {
      out.writeInt(value);
    }
  }

  private static void write(DataOutputStream out, float[] values) throws IOException {
    out.writeInt(values.length);
    for (float value : values) {
      out.writeFloat(value);
    }
  }

  private static int length(DataInputStream in) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > LONGEST) {
      throw new IOException("a length of " + length);
    }
    return length;
  }

  private static int[] readInts(DataInputStream in) throws IOException {
    int[] values = new int[length(in)];
    for (int i = 0; i < values.length; i++) {
      values[i] = in.readInt();
    }
    return values;
  }

  private static float[] readFloats(DataInputStream in) throws IOException {
    float[] values = new float[length(in)];
    for (int i = 0; i < values.length; i++) {
      values[i] = in.readFloat();
    }
    return values;
  }

  private static int[] joined(int[] first, int[] second) {
    int[] joined = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, joined, first.length, second.length);
    return joined;
  }

  private static float[] joined(float[] first, float[] second) {
    float[] joined = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, joined, first.length, second.length);
    return joined;
  }

  private static int[] last(int[] values, int count) {
    return Arrays.copyOfRange(values, Math.max(0, values.length - count), values.length);
  }

  private static float[] last(float[] values, int count) {
    return Arrays.copyOfRange(values, Math.max(0, values.length - count), values.length);
  }
}
