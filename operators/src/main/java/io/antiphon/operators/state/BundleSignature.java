package io.antiphon.operators.state;

import io.antiphon.runtime.Bundle;
import io.antiphon.runtime.manifest.Manifest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.zip.CRC32;

/**
 * What state and bundle must agree on: shapes of what is logged, meanings of ids, the tokenizer.
 * Weights are no part of it, so that conversations can go on with another training of a model.
 *
 * @param facts each as "name=value"; names are those of the manifest and never change
 */
public record BundleSignature(List<String> facts) {
  private static final String TOKENIZER = "tokenizer.json";

  /** Counts up when a release compares more facts: those that a state lacks are not compared. */
  private static final String VERSION = "signature";

  public BundleSignature {
    facts = List.copyOf(facts);
  }

  public static BundleSignature of(Bundle bundle) {
    Manifest manifest = bundle.manifest();
    Manifest.Audio audio = manifest.audio();
    Manifest.SharedLlm llm = manifest.sharedLlm();
    Manifest.RefinedHead head = manifest.refinedHead();
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put(VERSION, 1);
    facts.put("audio.sampleRate", audio.sampleRate());
    facts.put("audio.fftSize", audio.fftSize());
    facts.put("audio.hopLength", audio.hopLength());
    facts.put("audio.melBins", audio.melBins());
    facts.put("audio.windowFrames", audio.windowFrames());
    facts.put("audio.tokenRate", audio.tokenRate());
    facts.put("audio.groupSize", audio.groupSize());
    facts.put("sharedLlm.hiddenSize", llm.hiddenSize());
    facts.put("sharedLlm.layers", llm.layers());
    facts.put("sharedLlm.keyValueHeads", llm.keyValueHeads());
    facts.put("sharedLlm.headSize", llm.headSize());
    facts.put("sharedLlm.vocabularySize", llm.vocabularySize());
    facts.put("refinedHead.layers", head.layers());
    facts.put("refinedHead.keyValueHeads", head.keyValueHeads());
    facts.put("refinedHead.headSize", head.headSize());
    facts.put("refinedHead.codebookSize", head.codebookSize());
    put(manifest.textIds(), facts);
    put(manifest.speechIds(), facts);
    facts.put("tokenizer", checksum(bundle.directory().resolve(TOKENIZER)));
    manifest.detokenizer().ifPresent(detokenizer -> put(detokenizer, facts));
    return new BundleSignature(
        facts.entrySet().stream().map(fact -> fact.getKey() + "=" + fact.getValue()).toList());
  }

  private static void put(Manifest.TextIds ids, Map<String, Object> facts) {
    facts.put("ids.text.pad", ids.pad());
    facts.put("ids.text.endOfTurn", joined(ids.endOfTurn(), ","));
    facts.put("ids.text.audio", ids.audio());
    facts.put("ids.text.audioBegin", ids.audioBegin());
    facts.put("ids.text.audioEnd", ids.audioEnd());
    facts.put("ids.text.silence", ids.silence());
  }

  private static void put(Manifest.SpeechIds ids, Map<String, Object> facts) {
    facts.put("ids.speech.begin", ids.begin());
    facts.put("ids.speech.end", ids.end());
    facts.put("ids.speech.pad", ids.pad());
    facts.put("ids.speech.codes", ids.codes());
  }

  private static String joined(List<Integer> numbers, String separator) {
    return numbers.stream().map(String::valueOf).collect(Collectors.joining(separator));
  }

  private static void put(Manifest.Detokenizer detokenizer, Map<String, Object> facts) {
    facts.put("detokenizer.sampleRate", detokenizer.sampleRate());
    facts.put("detokenizer.samplesPerToken", detokenizer.samplesPerToken());
    if (detokenizer instanceof Manifest.CosyVoice cosyVoice) {
      facts.put("detokenizer.kind", "cosyvoice3");
      facts.put("detokenizer.lookAheadTokens", cosyVoice.lookAheadTokens());
      facts.put("detokenizer.promptTokens", cosyVoice.promptTokens());
      facts.put("detokenizer.firstTokens", cosyVoice.firstTokens());
      facts.put("detokenizer.hopTokens", cosyVoice.hopTokens());
      facts.put("detokenizer.memoryFrames", cosyVoice.memoryFrames());
      facts.put("detokenizer.pitchFrames", cosyVoice.pitchFrames());
    }
    for (Manifest.State state : detokenizer.states()) {
      facts.put(
          "detokenizer.states." + state.name(),
          state.type().name() + " " + joined(state.shape(), "x"));
    }
  }

  private static String checksum(Path file) {
    if (!Files.exists(file)) {
      return "none";
    }
    CRC32 checksum = new CRC32();
    try {
      checksum.update(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read", e);
    }
    return "crc32 " + Long.toHexString(checksum.getValue());
  }

  /**
   * @throws IncompatibleBundleException when a bundle of this architecture cannot go on with state
   *     of another one
   */
  public void requireSame(BundleSignature ofState, String bundle) {
    if (facts.equals(ofState.facts)) {
      return;
    }
    Map<String, String> here = byName(facts);
    Map<String, String> there = byName(ofState.facts);
    Set<String> names = new LinkedHashSet<>(there.keySet());
    names.addAll(here.keySet());
    if (!Objects.equals(here.remove(VERSION), there.remove(VERSION))) {
      names.retainAll(here.keySet());
      names.retainAll(there.keySet());
    }
    names.remove(VERSION);
    List<String> problems = new ArrayList<>();
    for (String name : names) {
      String had = Optional.ofNullable(there.get(name)).orElse("nothing");
      String has = Optional.ofNullable(here.get(name)).orElse("nothing");
      if (!had.equals(has)) {
        problems.add(name + " is " + has + ", expected " + had);
      }
    }
    if (!problems.isEmpty()) {
      throw new IncompatibleBundleException(bundle, problems);
    }
  }

  private static Map<String, String> byName(List<String> facts) {
    Map<String, String> named = new LinkedHashMap<>();
    for (String fact : facts) {
      int end = fact.indexOf('=');
      named.put(fact.substring(0, end), fact.substring(end + 1));
    }
    return named;
  }
}
