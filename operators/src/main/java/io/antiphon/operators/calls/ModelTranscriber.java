package io.antiphon.operators.calls;

import io.antiphon.analytics.Word;
import io.antiphon.runtime.GenerationSession;
import io.antiphon.runtime.ModelHost;
import io.antiphon.runtime.manifest.GenerationMode;
import io.antiphon.runtime.manifest.Manifest;
import io.antiphon.runtime.speech.FrameGrouper;
import io.antiphon.runtime.speech.LogMel;
import io.antiphon.runtime.speech.MelWindow;
import io.antiphon.runtime.speech.WordAligner;
import io.antiphon.runtime.text.PromptSegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Transcribes by the bundle's encoder and shared LLM, each utterance in a context of its own and
 * with the most probable ids: what else is heard makes no difference to a text. Neither refined
 * head nor detokenizer is used. Words have times where the bundle has {@code wordTimes}.
 */
public final class ModelTranscriber implements Transcriber {
  private final ModelHost host;
  private final Manifest manifest;
  private final Optional<WordAligner> aligner;

  /**
   * @param host stays its owner's
   */
  public ModelTranscriber(ModelHost host) {
    this.host = host;
    this.manifest = host.bundle().manifest();
    this.aligner = manifest.wordTimes().map(WordAligner::new);
  }

  @Override
  public CompletableFuture<List<Word>> transcribe(String name, float[] samples, boolean timed) {
    List<MelWindow> windows = windows(samples);
    CompletableFuture<List<Word>> words =
        text(name, windows, samples.length).thenApply(Transcriber::words);
    return aligner.isPresent() && timed
        ? words.thenCombineAsync(
            scores(windows), (text, scores) -> timed(aligner.get(), text, scores))
        : words;
  }

  /**
   * What is said, as one text.
   *
   * @param name of the utterance, for messages only
   * @param samples mono, 16 kHz, in -1 to 1
   */
  public CompletableFuture<String> text(String name, float[] samples) {
    return text(name, windows(samples), samples.length);
  }

  private CompletableFuture<String> text(String name, List<MelWindow> windows, int samples) {
    GenerationSession session = host.openResponse(name, false);
    CompletableFuture<String> text =
        groups(windows, samples).thenCompose(groups -> generate(session, groups));
    // Not on the host's thread, which calls back under its own order.
    return text.whenCompleteAsync((ignored, error) -> session.close());
  }

  /** As they are where they do not fit into their sound. */
  private static List<Word> timed(WordAligner aligner, List<Word> words, float[] scores) {
    List<WordAligner.WordTime> times =
        aligner.align(scores, words.stream().map(Word::text).toList());
    List<Word> timed = new ArrayList<>();
    for (int i = 0; i < times.size(); i++) {
      WordAligner.WordTime time = times.get(i);
      timed.add(new Word(words.get(i).text(), time.beginMillis(), time.endMillis()));
    }
    return timed.isEmpty() ? words : timed;
  }

  /** Asked for with the encodings: the host's threads, which bring the text, must not wait. */
  private CompletableFuture<float[]> scores(List<MelWindow> windows) {
    return all(
        windows.stream()
            .map(window -> host.scoreCharacters(window.mel(), window.frames()))
            .toList());
  }

  private List<MelWindow> windows(float[] samples) {
    LogMel logMel = host.bundle().logMel();
    List<MelWindow> windows = new ArrayList<>(logMel.append(samples));
    windows.addAll(logMel.finish());
    return windows;
  }

  /** The utterance's embeddings, all groups together. */
  private CompletableFuture<PromptSegment.Audio> groups(List<MelWindow> windows, int samples) {
    int size = manifest.audio().groupSize() * manifest.sharedLlm().hiddenSize();
    return all(windows.stream().map(window -> host.encode(window.mel(), window.frames())).toList())
        .thenCompose(
            encoded -> {
              FrameGrouper grouper = host.bundle().frameGrouper();
              float[] frames =
                  joined(List.of(grouper.append(encoded), grouper.finish(new float[0], samples)));
              int count = frames.length / size;
              return host.group(frames, count)
                  .thenApply(groups -> new PromptSegment.Audio(groups, count));
            });
  }

  private static CompletableFuture<float[]> all(List<CompletableFuture<float[]>> pieces) {
    return CompletableFuture.allOf(pieces.toArray(CompletableFuture[]::new))
        .thenApply(nothing -> joined(pieces.stream().map(CompletableFuture::join).toList()));
  }

  private CompletableFuture<String> generate(
      GenerationSession session, PromptSegment.Audio groups) {
    host.bundle().prompts().system(GenerationMode.TRANSCRIBE, null, null).forEach(session::append);
    session.append(new PromptSegment.Text(host.bundle().prompts().audioBegin()));
    session.append(groups);
    session.append(new PromptSegment.Text(host.bundle().prompts().audioEnd()));
    return GreedyText.generate(host, session, manifest.sampling().maximumNewPositions())
        .thenApply(GreedyText.Written::text);
  }

  private static float[] joined(List<float[]> pieces) {
    float[] all = new float[pieces.stream().mapToInt(piece -> piece.length).sum()];
    int at = 0;
    for (float[] piece : pieces) {
      System.arraycopy(piece, 0, all, at, piece.length);
      at += piece.length;
    }
    return all;
  }
}
