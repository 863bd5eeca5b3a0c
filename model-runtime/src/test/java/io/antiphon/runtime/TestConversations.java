package io.antiphon.runtime;

import io.antiphon.runtime.manifest.Manifest;
import io.antiphon.runtime.manifest.Sampling;
import io.antiphon.runtime.text.PromptSegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Made-up conversations for a reference bundle: prompts of random ids and embeddings, several ways
 * of sampling.
 */
final class TestConversations {
  static final int STEPS = 20;

  /**
   * @param turns prompts, each with the answer's request
   */
  record Conversation(String name, List<Turn> turns) {}

  /** A prompt in segments and how it is answered. */
  record Turn(List<PromptSegment> prompt, GenerationRequest request) {}

  private TestConversations() {}

  static ModelHostSettings settings(Path bundle, int rows) {
    // A long lead: no answer waits for its playback.
    return new ModelHostSettings(
        bundle, Device.CPU, rows, 160, 1, false, Duration.ofMillis(2), 4, Duration.ofHours(1));
  }

  /** Different prompts; greedy, penalised, sampled, and text-only ones. */
  static List<Conversation> several(Manifest manifest, int count, int turns) {
    List<Conversation> conversations = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Random random = new Random(100 + i);
      List<Turn> all = new ArrayList<>();
      for (int turn = 0; turn < turns; turn++) {
        all.add(new Turn(prompt(manifest, random), request(i, turn)));
      }
      conversations.add(new Conversation("conversation " + i, all));
    }
    return conversations;
  }

  /** Longer than a prefill chunk, and than what a refined head with a window holds. */
  static List<PromptSegment> prompt(Manifest manifest, Random random) {
    return prompt(manifest, random, 3);
  }

  /**
   * @param windows whole encoder windows of audio
   */
  static List<PromptSegment> prompt(Manifest manifest, Random random, int windows) {
    List<PromptSegment> prompt = new ArrayList<>();
    prompt.add(text(random, 1 + random.nextInt(7)));
    for (int i = 0; i < windows; i++) {
      prompt.add(audio(manifest, random, 10));
    }
    prompt.add(audio(manifest, random, 1 + random.nextInt(4)));
    prompt.add(text(random, 1 + random.nextInt(3)));
    return prompt;
  }

  static GenerationRequest request(int conversation, int turn) {
    Sampling sampled = new Sampling(0.9, 0.9, 1.1);
    return switch (conversation % 4) {
      case 0 -> request(conversation, turn, true, Sampling.GREEDY);
      case 1 -> request(conversation, turn, true, new Sampling(0, 1, 1.2));
      case 2 -> request(conversation, turn, true, sampled);
      default -> request(conversation, turn, false, sampled);
    };
  }

  static GenerationRequest request(int seed, int turn, boolean speech, Sampling sampling) {
    return new GenerationRequest(seed, turn, speech, speech, sampling, sampling, STEPS, List.of());
  }

  static PromptSegment text(Random random, int length) {
    return new PromptSegment.Text(random.ints(length, 0, 280).toArray());
  }

  static PromptSegment audio(Manifest manifest, Random random, int groups) {
    float[] values = new float[groups * manifest.sharedLlm().hiddenSize()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return new PromptSegment.Audio(values, groups);
  }

  /**
   * Runs a conversation's turns one after the other, each answer replaced by a history form; gives
   * the steps of all turns.
   */
  static List<List<GenerationStep>> run(ModelHost host, Conversation conversation) {
    List<List<GenerationStep>> steps = new ArrayList<>();
    try (GenerationSession session = open(host, conversation)) {
      for (Turn turn : conversation.turns()) {
        CollectedGeneration collected = new CollectedGeneration();
        turn.prompt().forEach(session::append);
        int prompt = session.length();
        session.generate(turn.request(), collected);
        collected.await();
        steps.add(collected.steps());
        session.rewind(prompt);
        session.append(history(collected.steps()));
      }
    }
    return steps;
  }

  static GenerationSession open(ModelHost host, Conversation conversation) {
    return host.openResponse(conversation.name(), conversation.turns().get(0).request().speech());
  }

  static PromptSegment history(List<GenerationStep> steps) {
    return new PromptSegment.Text(
        steps.stream().limit(5).mapToInt(GenerationStep::textId).toArray());
  }

  /** Ids of all steps, to compare answers by. */
  static List<List<Integer>> ids(List<GenerationStep> steps) {
    List<List<Integer>> ids = new ArrayList<>();
    for (GenerationStep step : steps) {
      List<Integer> of = new ArrayList<>(List.of(step.index(), step.textId()));
      for (int[] speech : new int[][] {step.speechIds(), step.sampledSpeechIds()}) {
        for (int k = 0; speech != null && k < speech.length; k++) {
          of.add(speech[k]);
        }
        of.add(speech == null ? -1 : speech.length);
      }
      ids.add(of);
    }
    return ids;
  }
}
