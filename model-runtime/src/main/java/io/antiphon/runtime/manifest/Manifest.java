package io.antiphon.runtime.manifest;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A bundle's {@code antiphon.json}: every size, id, name and rate that the runtime needs. Read by
 * {@code Bundle.load}.
 *
 * @param name the model's name
 * @param weights safetensors files that the graphs point into
 * @param graphs file name by graph
 * @param prompt absent in a bundle without tokenizer
 * @param detokenizer absent in a bundle that cannot speak aloud
 * @param wordTimes absent in a bundle that cannot say when a word is spoken
 * @param weightsMebibytes what the loaded weights take; absent in small bundles
 */
public record Manifest(
    String name,
    List<String> weights,
    Audio audio,
    SharedLlm sharedLlm,
    RefinedHead refinedHead,
    TextIds textIds,
    SpeechIds speechIds,
    Map<Graph, String> graphs,
    SamplingDefaults sampling,
    Optional<Prompt> prompt,
    Optional<Detokenizer> detokenizer,
    Optional<WordTimes> wordTimes,
    OptionalInt weightsMebibytes) {

  /** The graphs of a bundle. */
  public enum Graph {
    ENCODER("encoder"),
    /**
     * The encoder as the reference's eager attention has it, over a whole recording; optional, for
     * comparisons alone.
     */
    ENCODER_EAGER("encoderEager"),
    GROUPING("grouping"),
    /** Scores of characters, by which the words of a known text are timed; optional. */
    WORD_TIMES("wordTimes"),
    PREFILL("prefill"),
    PREFILL_TEXT("prefillText"),
    STEP("step"),
    STEP_GREEDY("stepGreedy"),
    STEP_TEXT("stepText"),
    STEP_TEXT_GREEDY("stepTextGreedy"),
    /**
     * Graphs by weights, which large models have in place of the prefill and step graphs: the
     * shared LLM's layers.
     */
    LLM("llm"),
    /** By weights: hidden state to text id. */
    TEXT_CHOICE("textChoice"),
    /** By weights: the last group of speech ids to its embedding. */
    SPEECH_GROUP("speechGroup"),
    /** By weights: the shared LLM's output to the refined head's k rows. */
    HEAD_ENTRY("headEntry"),
    /** By weights: one pass of the refined head, and the id that it chooses. */
    HEAD("head"),
    DETOKENIZER("detokenizer");

    private final String key;

    Graph(String key) {
      this.key = key;
    }

    /** The graph's name in the manifest. */
    public String key() {
      return key;
    }

    /** Whether large models have it in place of prefill and step graphs. */
    public boolean byWeights() {
      return compareTo(LLM) >= 0 && compareTo(HEAD) <= 0;
    }

    /** Whether small models have it: prompts and steps in graphs of their own. */
    public boolean fused() {
      return compareTo(PREFILL) >= 0 && compareTo(STEP_TEXT_GREEDY) <= 0;
    }
  }

  /**
   * The speech front end.
   *
   * @param sampleRate samples a second of the audio that goes in
   * @param fftSize samples in one short-time transform
   * @param hopLength samples from one log-mel frame to the next
   * @param constants safetensors file with {@code mel_filters} and {@code window}
   * @param powerFloor least mel power, before the logarithm
   * @param dynamicRange log-mel is clipped this far below its running maximum
   * @param offset added to the clipped log-mel, before the division by scale
   * @param windowFrames log-mel frames of one encoder window
   * @param tokenRate encoder frames and speech ids a second
   * @param groupSize k, frames or speech ids in one group
   */
  public record Audio(
      int sampleRate,
      int fftSize,
      int hopLength,
      int melBins,
      String constants,
      double powerFloor,
      double dynamicRange,
      double offset,
      double scale,
      int windowFrames,
      int tokenRate,
      int groupSize) {

    /**
     * Frames at the token rate that {@code samples} stand for; later ones are dropped. Seconds in
     * double precision first, as the reference's processor rounds.
     */
    public int tokenFrames(long samples) {
      double seconds = (double) samples / sampleRate;
      return (int) (seconds * tokenRate);
    }

    /** Groups that {@code samples} stand for. */
    public int groups(long samples) {
      return (tokenFrames(samples) + groupSize - 1) / groupSize;
    }
  }

  /** The shared LLM's key-value cache and vocabulary. */
  public record SharedLlm(
      int hiddenSize,
      int layers,
      int keyValueHeads,
      int headSize,
      int vocabularySize,
      int maximumPositions) {}

  /**
   * The refined head's key-value cache and codebook (ids with specials).
   *
   * @param window entries that one of the cache's sees in every layer, itself among them ({@code
   *     sliding_window} of the checkpoint); absent when it sees all before it
   */
  public record RefinedHead(
      int layers, int keyValueHeads, int headSize, int codebookSize, OptionalInt window) {}

  /**
   * What the scores of characters mean.
   *
   * @param characters of the classes 1 and up; class 0 is the blank
   * @param beginOffsetMillis by how much the scores are late at a word's first character
   */
  public record WordTimes(String characters, int beginOffsetMillis) {}

  /** Text ids with a meaning. */
  public record TextIds(
      int pad, List<Integer> endOfTurn, int audio, int audioBegin, int audioEnd, int silence) {}

  /**
   * Speech ids with a meaning.
   *
   * @param codes ids below this one are sound
   */
  public record SpeechIds(int begin, int end, int pad, int codes) {}

  /**
   * What a conversation gets when it asks for nothing else.
   *
   * @param candidates how many ids the graphs' sampler looks at
   */
  public record SamplingDefaults(
      Sampling text, Sampling speech, int candidates, int maximumNewPositions) {}

  /**
   * The prompt template.
   *
   * @param instructions by mode, the sentence that tells the model what to generate; it begins
   *     every system message
   * @param personas by mode, what stands behind that sentence in a conversation that has no
   *     instructions of its own; a mode without one has nothing behind it
   * @param tools default tool signatures, one line of JSON each
   * @param toolParameters how the model was taught to read a tool's parameters
   * @param historyTurns finished turns that stay in the context at most; with one more, half leave
   * @param forceSpeechWithTools whether speech is forced although tools are offered
   * @param turnEndings file that says after which words callers are done, see {@link
   *     io.antiphon.runtime.text.TurnEndings}
   */
  public record Prompt(
      String systemPrefix,
      String systemSuffix,
      String userPrefix,
      String userSuffix,
      String assistantPrefix,
      String assistantSuffix,
      String audioBegin,
      String audio,
      String audioEnd,
      String toolsPrefix,
      String toolsSeparator,
      String toolsSuffix,
      String toolResultPrefix,
      String toolResultSuffix,
      String toolCallBegin,
      String toolCallEnd,
      Map<GenerationMode, String> instructions,
      Map<GenerationMode, String> personas,
      List<String> tools,
      ToolParameters toolParameters,
      int historyTurns,
      boolean forceSpeechWithTools,
      Optional<String> turnEndings) {

    /** Form of a tool's parameters in the prompt. */
    public enum ToolParameters {
      /** A JSON Schema, as callers give it. */
      SCHEMA,
      /** A mapping of names to types; tools have nothing beside it but their name. */
      TYPES
    }

    /** The template's fixed strings: what stands between the texts of callers and assistant. */
    public List<String> markers() {
      return List.of(
          systemPrefix,
          systemSuffix,
          userPrefix,
          userSuffix,
          assistantPrefix,
          assistantSuffix,
          audioBegin,
          audio,
          audioEnd,
          toolsPrefix,
          toolsSeparator,
          toolsSuffix,
          toolResultPrefix,
          toolResultSuffix,
          toolCallBegin,
          toolCallEnd);
    }
  }

  /** What turns speech ids into samples, as a stream. */
  public sealed interface Detokenizer permits StreamingDetokenizer, CosyVoice {
    int sampleRate();

    int samplesPerToken();

    /** States of a graph, per stream. */
    List<State> states();
  }

  /**
   * One graph, ids to samples, with states.
   *
   * @param delaySamples the first samples that the graph gives lie before the beginning and are
   *     dropped
   * @param flushTokens how many {@code flushId} bring the last sample out
   */
  public record StreamingDetokenizer(
      int sampleRate,
      int samplesPerToken,
      int delaySamples,
      int flushTokens,
      int flushId,
      List<State> states)
      implements Detokenizer {}

  /**
   * CosyVoice 3: a flow, which makes log-mel frames of a window of ids at a time, and a vocoder,
   * which makes samples of frames.
   *
   * @param flow the window's graph
   * @param voices safetensors with the voices
   * @param codes speech ids that it knows
   * @param lookAheadTokens ids behind a window's own that it must see
   * @param promptTokens ids before a window's own, with their frames, that it must see
   * @param firstTokens own ids of a stream's first window; the windows after it double
   * @param hopTokens own ids of a window far from the beginning
   * @param speakerSize values of a speaker's embedding
   * @param delayFrames frames of the vocoder's first call, which alone must have so many
   * @param delaySamples the first samples that the vocoder gives lie before the beginning
   * @param sourceNoise numbers of noise that the vocoder takes for each sample
   * @param memoryFrames frames with the right phases after which the vocoder has forgotten the rest
   * @param pitchFrames frames after which the pitch, which drives the phases, has forgotten the
   *     rest
   * @param cumulativeStates states that are never forgotten
   * @param states of the vocoder
   */
  public record CosyVoice(
      String flow,
      String vocoder,
      String voices,
      int sampleRate,
      int samplesPerToken,
      int melBins,
      int framesPerToken,
      int codes,
      int lookAheadTokens,
      int promptTokens,
      int firstTokens,
      int hopTokens,
      int speakerSize,
      int delayFrames,
      int delaySamples,
      int sourceNoise,
      int memoryFrames,
      int pitchFrames,
      List<String> cumulativeStates,
      List<State> states)
      implements Detokenizer {}

  /**
   * One named state of a streaming graph, per conversation; {@code fill} is its value at the start.
   */
  public record State(String name, ElementType type, List<Integer> shape, double fill) {
    /** Values of one conversation. */
    public int size() {
      return shape.stream().mapToInt(Integer::intValue).reduce(1, Math::multiplyExact);
    }
  }

  /** Element types of states. */
  public enum ElementType {
    FLOAT32(4),
    FLOAT64(8),
    INT32(4),
    INT64(8),
    UINT8(1),
    BOOL(1);

    private final int bytes;

    ElementType(int bytes) {
      this.bytes = bytes;
    }

    public int bytes() {
      return bytes;
    }
  }
}
