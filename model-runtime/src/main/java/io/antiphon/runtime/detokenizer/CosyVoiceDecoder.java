package io.antiphon.runtime.detokenizer;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.antiphon.runtime.Voice;
import io.antiphon.runtime.manifest.Manifest;
import io.antiphon.runtime.onnx.OnnxSessions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/** CosyVoice 3: flow and vocoder, with voices. */
final class CosyVoiceDecoder implements SpeechDecoder {
  private final Manifest.CosyVoice sizes;
  private final OrtSession flow;
  private final OrtSession vocoder;
  private final SortedMap<String, CosyVoiceSpeaker> speakers;

  private CosyVoiceDecoder(
      Manifest.CosyVoice sizes,
      OrtSession flow,
      OrtSession vocoder,
      SortedMap<String, CosyVoiceSpeaker> speakers) {
    this.sizes = sizes;
    this.flow = flow;
    this.vocoder = vocoder;
    this.speakers = speakers;
  }

  /**
   * Reads the voices and loads the graphs.
   *
   * @throws io.antiphon.configuration.ConfigurationException when one of them cannot be used
   */
  static CosyVoiceDecoder open(Path folder, Manifest.CosyVoice sizes, OnnxSessions sessions) {
    SortedMap<String, CosyVoiceSpeaker> speakers = CosyVoiceSpeaker.read(folder, sizes);
    OrtSession flow = sessions.open(folder.resolve(sizes.flow()));
    try {
      OrtSession vocoder = sessions.open(folder.resolve(sizes.vocoder()));
      return new CosyVoiceDecoder(sizes, flow, vocoder, speakers);
    } catch (Throwable e) {
      close(flow);
      throw e;
    }
  }

  @Override
  public List<String> voices() {
    return List.copyOf(speakers.keySet());
  }

  @Override
  public Stream open(Voice voice) {
    String name = voice.name().isEmpty() ? speakers.firstKey() : voice.name();
    CosyVoiceSpeaker speaker = speakers.get(name);
    if (speaker == null) {
      throw new IllegalArgumentException("voice is '" + name + "', expected one of " + voices());
    }
    return new CosyVoiceStream(sizes, speaker, voice.seed());
  }

  @Override
  public int[] fed(int[] ids, boolean last) {
    return ids;
  }

  @Override
  public int measuredIds(int usual) {
    int ids = sizes.lookAheadTokens();
    int window = sizes.firstTokens();
    for (; window < sizes.hopTokens(); window *= 2) {
      ids += window;
    }
    return ids + sizes.hopTokens();
  }

  @Override
  public Worker worker(int mostStreams) {
    return new CosyVoiceWorker();
  }

  @Override
  public void close() {
    close(flow);
    close(vocoder);
  }

  private static void close(OrtSession session) {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("a detokenizer graph cannot be closed", e);
    }
  }

  /**
   * One stream at a time: a window has enough frames to keep a core busy, and rows of a common call
   * would not be bit for bit what each is alone.
   */
  private final class CosyVoiceWorker implements Worker {
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();

    @Override
    public List<float[]> decode(List<Piece> pieces) throws OrtException {
      List<float[]> samples = new ArrayList<>(pieces.size());
      for (Piece piece : pieces) {
        samples.add(decode((CosyVoiceStream) piece.stream(), piece.ids(), piece.last()));
      }
      return samples;
    }

    private float[] decode(CosyVoiceStream stream, int[] ids, boolean last) throws OrtException {
      bringBack(stream);
      stream.append(ids);
      Optional<CosyVoiceStream.Window> window = stream.window(last);
      while (window.isPresent()) {
        stream.made(frames(stream, window.get()));
        window = stream.window(last);
      }
      if (last) {
        stream.finish();
      }
      for (float[] mel = stream.nextToSpeak(); mel != null; mel = stream.nextToSpeak()) {
        stream.speaking(mel);
        stream.spoke(samples(stream, mel, stream.firstNoise()));
      }
      float[] heard = stream.heard();
      if (last) {
        stream.reset();
      }
      return heard;
    }

    /** Computes a restored stream's states again from the last frames that the vocoder had. */
    private void bringBack(CosyVoiceStream stream) throws OrtException {
      List<float[]> again = stream.toSpeakAgain();
      long first = stream.firstNoise();
      for (float[] mel : again) {
        first -= (long) mel.length / sizes.melBins() * frameSamples();
      }
      for (int i = 0; i < again.size(); i++) {
        stream.speakingAgain(i);
        first += samples(stream, again.get(i), first).length;
      }
    }

    private int frameSamples() {
      return sizes.samplesPerToken() / sizes.framesPerToken();
    }

    /** Log-mel {@code [frames x melBins]} of a window's own ids. */
    private float[] frames(CosyVoiceStream stream, CosyVoiceStream.Window window)
        throws OrtException {
      int bins = sizes.melBins();
      int frames = (window.ids().length - sizes.lookAheadTokens()) * sizes.framesPerToken();
      FloatBuffer noise = FloatBuffer.allocate(frames * bins);
      for (int i = 0; i < frames * bins; i++) {
        noise.put(PositionalNoise.normal(stream.seed(), window.first() * bins + i));
      }
      LongBuffer ids = LongBuffer.wrap(Arrays.stream(window.ids()).asLongStream().toArray());
      FloatBuffer prompt = FloatBuffer.wrap(window.promptMel());
      FloatBuffer speaker = FloatBuffer.wrap(stream.embedding());
      try (OnnxTensor idTensor =
              OnnxTensor.createTensor(environment, ids, new long[] {1, window.ids().length});
          OnnxTensor promptTensor = floats(prompt, window.promptMel().length / bins, bins);
          OnnxTensor speakerTensor = floats(speaker, sizes.speakerSize());
          OnnxTensor noiseTensor = floats(noise.flip(), frames, bins);
          OrtSession.Result result =
              flow.run(
                  Map.of(
                      "tokens", idTensor,
                      "prompt_mel", promptTensor,
                      "speaker", speakerTensor,
                      "noise", noiseTensor))) {
        return values((OnnxTensor) result.get(0));
      }
    }

    /**
     * Runs the vocoder and puts the stream's states forward.
     *
     * @param first number of the first sample of noise
     */
    private float[] samples(CosyVoiceStream stream, float[] mel, long first) throws OrtException {
      int bins = sizes.melBins();
      int frames = mel.length / bins;
      int channels = sizes.sourceNoise();
      int count = frames * frameSamples();
      FloatBuffer byBin = FloatBuffer.allocate(mel.length);
      for (int bin = 0; bin < bins; bin++) {
        for (int frame = 0; frame < frames; frame++) {
          byBin.put(mel[frame * bins + bin]);
        }
      }
      FloatBuffer noise = FloatBuffer.allocate(channels * count);
      for (int channel = 0; channel < channels; channel++) {
        for (long sample = first; sample < first + count; sample++) {
          noise.put(
              sample < 0 ? 0 : PositionalNoise.uniform(stream.seed(), sample * channels + channel));
        }
      }
      Map<String, OnnxTensor> inputs = new HashMap<>();
      try {
        inputs.put("mel", floats(byBin.flip(), bins, frames));
        inputs.put("noise", floats(noise.flip(), channels, count));
        for (int i = 0; i < sizes.states().size(); i++) {
          Manifest.State state = sizes.states().get(i);
          inputs.put("state." + state.name(), tensor(state, stream.states()[i]));
        }
        try (OrtSession.Result result = vocoder.run(inputs)) {
          for (int i = 0; i < sizes.states().size(); i++) {
            OnnxValue next = result.get("next." + sizes.states().get(i).name()).orElseThrow();
            ((OnnxTensor) next).getByteBuffer().get(stream.states()[i]);
          }
          return values((OnnxTensor) result.get("pcm").orElseThrow());
        }
      } finally {
        inputs.values().forEach(OnnxTensor::close);
      }
    }

    private OnnxTensor tensor(Manifest.State state, byte[] values) throws OrtException {
      ByteBuffer buffer = ByteBuffer.allocateDirect(values.length).order(ByteOrder.nativeOrder());
      long[] shape = withOneStream(state.shape().stream().mapToLong(Integer::longValue).toArray());
      return OnnxTensor.createTensor(
          environment, buffer.put(values).flip(), shape, DetokenizerGraph.type(state.type()));
    }

    private OnnxTensor floats(FloatBuffer values, long... shape) throws OrtException {
      return OnnxTensor.createTensor(environment, values, withOneStream(shape));
    }

    private static long[] withOneStream(long... shape) {
      long[] whole = new long[shape.length + 1];
      whole[0] = 1;
      System.arraycopy(shape, 0, whole, 1, shape.length);
      return whole;
    }

    private static float[] values(OnnxTensor tensor) {
      FloatBuffer values = tensor.getFloatBuffer();
      float[] all = new float[values.remaining()];
      values.get(all);
      return all;
    }

    @Override
    public void close() {
      // Nothing is kept between calls.
    }
  }
}
