package io.antiphon.runtime.manifest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.antiphon.configuration.ConfigurationException;
import io.antiphon.runtime.manifest.Manifest.Graph;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Reads and checks a bundle's manifest; reports all problems of the manifest and of the directory
 * at once.
 */
public final class ManifestReader {
  static final String FILE = "antiphon.json";
  public static final String TOKENIZER_FILE = "tokenizer.json";
  private static final String FORMAT = "antiphon-bundle";
  private static final int VERSION = 1;
  private static final int MANY = 1 << 24;
  private static final String COSY_VOICE = "cosyvoice3";
  private static final String VOICES_FILE = "voices.safetensors";

  private final Path directory;
  private final List<String> problems = new ArrayList<>();

  private ManifestReader(Path directory) {
    this.directory = directory;
  }

  public static Manifest read(Path directory) {
    ManifestReader reader = new ManifestReader(directory);
    Manifest manifest = reader.manifest();
    if (!reader.problems.isEmpty()) {
      throw reader.refused();
    }
    return manifest;
  }

  private ConfigurationException refused() {
    return new ConfigurationException("Bundle " + directory, problems);
  }

  private Manifest manifest() {
    StrictJson root = new StrictJson("", parse(directory.resolve(FILE)), problems);
    if (!problems.isEmpty()) {
      throw refused();
    }
    String format = root.string("format");
    if (!format.equals(FORMAT)) {
      root.problem("format", format, FORMAT);
    }
    int version = root.integer("version", 1, MANY);
    if (version != VERSION) {
      root.problem("version", version, VERSION + " (the bundle was exported for another release)");
    }
    String name = root.string("name");
    List<String> weights = root.strings("weights");
    weights.forEach(file -> requireFile("weights", file));
    Manifest.Audio audio = audio(root.object("audio"));
    Manifest.SharedLlm llm = sharedLlm(root.object("sharedLlm"));
    Manifest.RefinedHead head = refinedHead(root.object("refinedHead"));
    StrictJson ids = root.object("ids");
    Manifest.TextIds text = textIds(ids.object("text"), llm.vocabularySize());
    Manifest.SpeechIds speech = speechIds(ids.object("speech"), head.codebookSize());
    ids.finish();
    Manifest.SamplingDefaults sampling = sampling(root.object("sampling"));
    Optional<Manifest.Prompt> prompt = root.optionalObject("prompt").map(this::prompt);
    Optional<Manifest.Detokenizer> detokenizer =
        root.optionalObject("detokenizer").map(this::detokenizer);
    boolean oneGraph =
        detokenizer.filter(Manifest.StreamingDetokenizer.class::isInstance).isPresent();
    Optional<Manifest.WordTimes> wordTimes = root.optionalObject("wordTimes").map(this::wordTimes);
    Map<Graph, String> graphs = graphs(root.object("graphs"), oneGraph, wordTimes.isPresent());
    detokenizer.ifPresent(known -> requireCodes(known, speech));
    OptionalInt weightsMebibytes = root.optionalInteger("weightsMebibytes", 1, MANY);
    root.finish();
    if (prompt.isPresent()) {
      requireFile("prompt needs the tokenizer, which", TOKENIZER_FILE);
    }
    return new Manifest(
        name,
        weights,
        audio,
        llm,
        head,
        text,
        speech,
        graphs,
        sampling,
        prompt,
        detokenizer,
        wordTimes,
        weightsMebibytes);
  }

  private JsonNode parse(Path file) {
    if (!Files.isRegularFile(file)) {
      problems.add(file + " is missing, expected a bundle made by the export");
      return new ObjectMapper().nullNode();
    }
    try {
      return new ObjectMapper()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .readTree(file.toFile());
    } catch (JsonProcessingException e) {
      problems.add(file + " is not JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      problems.add(file + " cannot be read: " + e);
    }
    return new ObjectMapper().nullNode();
  }

  private Manifest.Audio audio(StrictJson json) {
    Manifest.Audio audio =
        new Manifest.Audio(
            json.integer("sampleRate", 1, MANY),
            json.integer("fftSize", 2, MANY),
            json.integer("hopLength", 1, MANY),
            json.integer("melBins", 1, MANY),
            json.string("constants"),
            positive(json, "powerFloor"),
            positive(json, "dynamicRange"),
            json.number("offset"),
            positive(json, "scale"),
            json.integer("windowFrames", 1, MANY),
            json.integer("tokenRate", 1, MANY),
            json.integer("groupSize", 1, 64));
    requireFile("audio.constants", audio.constants());
    json.finish();
    return audio;
  }

  private Manifest.SharedLlm sharedLlm(StrictJson json) {
    Manifest.SharedLlm llm =
        new Manifest.SharedLlm(
            json.integer("hiddenSize", 1, MANY),
            json.integer("layers", 1, 1024),
            json.integer("keyValueHeads", 1, 1024),
            json.integer("headSize", 1, 4096),
            json.integer("vocabularySize", 1, MANY),
            json.integer("maximumPositions", 2, MANY));
    json.finish();
    return llm;
  }

  private Manifest.RefinedHead refinedHead(StrictJson json) {
    Manifest.RefinedHead head =
        new Manifest.RefinedHead(
            json.integer("layers", 1, 1024),
            json.integer("keyValueHeads", 1, 1024),
            json.integer("headSize", 1, 4096),
            json.integer("codebookSize", 1, MANY),
            json.optionalInteger("window", 2, MANY));
    json.finish();
    return head;
  }

  private Manifest.TextIds textIds(StrictJson json, int vocabulary) {
    int last = vocabulary - 1;
    Manifest.TextIds ids =
        new Manifest.TextIds(
            json.integer("pad", 0, last),
            json.integers("endOfTurn"),
            json.integer("audio", 0, last),
            json.integer("audioBegin", 0, last),
            json.integer("audioEnd", 0, last),
            json.integer("silence", 0, last));
    if (ids.endOfTurn().isEmpty() || ids.endOfTurn().stream().anyMatch(id -> id < 0 || id > last)) {
      json.problem("endOfTurn", ids.endOfTurn(), "at least one id from 0 to " + last);
    }
    json.finish();
    return ids;
  }

  private Manifest.SpeechIds speechIds(StrictJson json, int codebook) {
    int last = codebook - 1;
    Manifest.SpeechIds ids =
        new Manifest.SpeechIds(
            json.integer("begin", 0, last),
            json.integer("end", 0, last),
            json.integer("pad", 0, last),
            json.integer("codes", 1, codebook));
    json.finish();
    return ids;
  }

  private Manifest.SamplingDefaults sampling(StrictJson json) {
    Manifest.SamplingDefaults sampling =
        new Manifest.SamplingDefaults(
            sampling("text", json.object("text")),
            sampling("speech", json.object("speech")),
            json.integer("candidates", 1, MANY),
            json.integer("maximumNewPositions", 1, MANY));
    json.finish();
    return sampling;
  }

  private Sampling sampling(String name, StrictJson json) {
    double temperature = json.number("temperature");
    double topP = json.number("topP");
    double penalty = json.number("repetitionPenalty");
    json.finish();
    try {
      return new Sampling(temperature, topP, penalty);
    } catch (ConfigurationException e) {
      e.problems().forEach(problem -> problems.add("sampling." + name + "." + problem));
      return Sampling.GREEDY;
    }
  }

  private Manifest.WordTimes wordTimes(StrictJson json) {
    String characters = json.string("characters");
    if (characters.chars().distinct().count() < characters.length()) {
      json.problem("characters", characters, "every character once");
    }
    int offset = json.integer("beginOffsetMillis", 0, 1000);
    json.finish();
    return new Manifest.WordTimes(characters, offset);
  }

  private Map<Graph, String> graphs(StrictJson json, boolean detokenizer, boolean wordTimes) {
    Map<Graph, String> graphs = new EnumMap<>(Graph.class);
    boolean byWeights = json.optionalString(Graph.LLM.key()).isPresent();
    for (Graph graph : Graph.values()) {
      if (byWeights ? graph.fused() : graph.byWeights()) {
        continue;
      }
      Optional<String> file =
          graph == Graph.ENCODER_EAGER
                  || (graph == Graph.DETOKENIZER && !detokenizer)
                  || (graph == Graph.WORD_TIMES && !wordTimes)
              ? json.optionalString(graph.key())
              : Optional.of(json.string(graph.key()));
      file.ifPresent(
          value -> {
            requireFile("graphs." + graph.key(), value);
            graphs.put(graph, value);
          });
    }
    json.finish();
    return Map.copyOf(graphs);
  }

  private Manifest.Prompt prompt(StrictJson json) {
    StrictJson instructions = json.object("instructions");
    Map<GenerationMode, String> byMode = new EnumMap<>(GenerationMode.class);
    for (GenerationMode mode : GenerationMode.values()) {
      byMode.put(mode, instructions.string(mode.name().toLowerCase(Locale.ROOT)));
    }
    instructions.finish();
    Map<GenerationMode, String> personas = new EnumMap<>(GenerationMode.class);
    Optional<StrictJson> given = json.optionalObject("personas");
    if (given.isPresent()) {
      for (GenerationMode mode : GenerationMode.values()) {
        given
            .get()
            .optionalString(mode.name().toLowerCase(Locale.ROOT))
            .ifPresent(text -> personas.put(mode, text));
      }
      given.get().finish();
    }
    Manifest.Prompt prompt =
        new Manifest.Prompt(
            json.string("systemPrefix"),
            json.string("systemSuffix"),
            json.string("userPrefix"),
            json.string("userSuffix"),
            json.string("assistantPrefix"),
            json.string("assistantSuffix"),
            json.string("audioBegin"),
            json.string("audio"),
            json.string("audioEnd"),
            json.string("toolsPrefix"),
            json.string("toolsSeparator"),
            json.string("toolsSuffix"),
            json.string("toolResultPrefix"),
            json.string("toolResultSuffix"),
            json.string("toolCallBegin"),
            json.string("toolCallEnd"),
            Map.copyOf(byMode),
            Map.copyOf(personas),
            json.strings("tools"),
            toolParameters(json),
            json.integer("historyTurns", 0, MANY),
            json.bool("forceSpeechWithTools"),
            json.optionalString("turnEndings"));
    json.finish();
    prompt.turnEndings().ifPresent(file -> requireFile("turnEndings", file));
    return prompt;
  }

  private static Manifest.Prompt.ToolParameters toolParameters(StrictJson json) {
    String form = json.optionalString("toolParameters").orElse("schema");
    return switch (form) {
      case "schema" -> Manifest.Prompt.ToolParameters.SCHEMA;
      case "types" -> Manifest.Prompt.ToolParameters.TYPES;
      default -> {
        json.problem("toolParameters", form, "schema or types");
        yield Manifest.Prompt.ToolParameters.SCHEMA;
      }
    };
  }

  private Manifest.Detokenizer detokenizer(StrictJson json) {
    Optional<String> kind = json.optionalString("kind");
    if (kind.isPresent() && !kind.get().equals(COSY_VOICE)) {
      json.problem("kind", kind.get(), COSY_VOICE + ", or none for one streaming graph");
    }
    Manifest.Detokenizer detokenizer = kind.isPresent() ? cosyVoice(json) : streaming(json);
    json.finish();
    return detokenizer;
  }

  private static Manifest.Detokenizer streaming(StrictJson json) {
    List<Manifest.State> states = states(json);
    return new Manifest.StreamingDetokenizer(
        json.integer("sampleRate", 1, MANY),
        json.integer("samplesPerToken", 1, MANY),
        json.integer("delaySamples", 0, MANY),
        json.integer("flushTokens", 0, MANY),
        json.integer("flushId", 0, MANY),
        states);
  }

  private Manifest.Detokenizer cosyVoice(StrictJson json) {
    StrictJson graphs = json.object("graphs");
    String flow = graphs.string("flow");
    String vocoder = graphs.string("vocoder");
    graphs.optionalString("flowBlocks"); // for comparisons with the reference
    graphs.finish();
    requireFile("detokenizer.graphs.flow", flow);
    requireFile("detokenizer.graphs.vocoder", vocoder);
    requireFile("detokenizer.weights", json.string("weights"));
    requireFile("detokenizer needs voices, which", VOICES_FILE);
    List<Manifest.State> states = states(json);
    List<String> cumulative = json.strings("cumulativeStates");
    Set<String> names = states.stream().map(Manifest.State::name).collect(Collectors.toSet());
    if (!names.containsAll(cumulative)) {
      json.problem("cumulativeStates", cumulative, "names of states");
    }
    return new Manifest.CosyVoice(
        flow,
        vocoder,
        VOICES_FILE,
        json.integer("sampleRate", 1, MANY),
        json.integer("samplesPerToken", 1, MANY),
        json.integer("melBins", 1, MANY),
        json.integer("framesPerToken", 1, MANY),
        json.integer("codes", 1, MANY),
        json.integer("lookAheadTokens", 0, MANY),
        json.integer("promptTokens", 1, MANY),
        json.integer("firstTokens", 1, MANY),
        json.integer("hopTokens", 1, MANY),
        json.integer("speakerSize", 1, MANY),
        json.integer("delayFrames", 1, MANY),
        json.integer("delaySamples", 0, MANY),
        json.integer("sourceNoise", 1, MANY),
        json.integer("memoryFrames", 1, MANY),
        json.integer("pitchFrames", 1, MANY),
        cumulative,
        states);
  }

  private void requireCodes(Manifest.Detokenizer detokenizer, Manifest.SpeechIds speech) {
    if (detokenizer instanceof Manifest.CosyVoice known && known.codes() < speech.codes()) {
      problems.add(
          "detokenizer.codes is "
              + known.codes()
              + ", expected at least ids.speech.codes, "
              + speech.codes());
    }
  }

  private static List<Manifest.State> states(StrictJson json) {
    List<Manifest.State> states = new ArrayList<>();
    for (StrictJson state : json.objects("states")) {
      String type = state.string("type");
      Manifest.ElementType element = Manifest.ElementType.FLOAT32;
      try {
        element = Manifest.ElementType.valueOf(type.toUpperCase(Locale.ROOT));
      } catch (IllegalArgumentException e) {
        state.problem("type", type, "float32, float64, int32, int64, uint8 or bool");
      }
      List<Integer> shape = state.integers("shape");
      if (shape.stream().anyMatch(size -> size < 1)) {
        state.problem("shape", shape, "sizes of at least 1");
      }
      states.add(new Manifest.State(state.string("name"), element, shape, state.number("fill")));
      state.finish();
    }
    return List.copyOf(states);
  }

  private double positive(StrictJson json, String name) {
    double value = json.number(name);
    if (!(value > 0)) {
      json.problem(name, value, "more than 0");
      return 1;
    }
    return value;
  }

  private void requireFile(String setting, String file) {
    if (file.isEmpty()) {
      return;
    }
    Path path = directory.resolve(file).normalize();
    if (!path.startsWith(directory.normalize())) {
      problems.add(setting + " is " + file + ", expected a file within the bundle");
    } else if (!Files.isRegularFile(path)) {
      problems.add(setting + " is " + file + ", expected a file in " + directory);
    }
  }
}
