package io.antiphon.runtime.llm;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.antiphon.runtime.Bundle;
import io.antiphon.runtime.manifest.Manifest.Graph;
import io.antiphon.runtime.onnx.GraphBinding;
import io.antiphon.runtime.onnx.OnnxSessions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The graphs of a large model: each weight is in one of them, and prefill and every step use the
 * same ones, from several threads at once.
 */
final class WeightsGraphs implements AutoCloseable {
  /** What the shared LLM's input at a position is, beside 0 for the text id's embedding. */
  static final byte GROUP = 1;

  /** The mean of text and group embedding. */
  static final byte BOTH = 2;

  private static final Logger LOG = LoggerFactory.getLogger(WeightsGraphs.class);

  private final List<OrtSession> open = new ArrayList<>();
  private final OrtSession llm;
  private final OrtSession textChoice;
  private final int count;
  private final boolean onHost;

  /** Null where nothing is spoken. */
  private final @Nullable SpeechGraphs spoken;

  /** The input of a group, and the refined head. */
  private record SpeechGraphs(OrtSession group, OrtSession headEntry, OrtSession head) {}

  /**
   * @param speech whether the refined head is opened
   */
  WeightsGraphs(Bundle bundle, OnnxSessions sessions, boolean speech) {
    count = speech ? 5 : 2;
    onHost = sessions.onHost();
    try {
      llm = open(bundle, sessions, Graph.LLM);
      textChoice = open(bundle, sessions, Graph.TEXT_CHOICE);
      spoken =
          speech
              ? new SpeechGraphs(
                  open(bundle, sessions, Graph.SPEECH_GROUP),
                  open(bundle, sessions, Graph.HEAD_ENTRY),
                  open(bundle, sessions, Graph.HEAD))
              : null;
    } catch (RuntimeException e) {
      try {
        close();
      } catch (OrtException failed) {
        e.addSuppressed(failed);
      }
      throw e;
    }
  }

  private OrtSession open(Bundle bundle, OnnxSessions sessions, Graph graph) {
    long begin = System.nanoTime();
    OrtSession session = sessions.openOnce(bundle.file(graph));
    open.add(session);
    LOG.info(
        "{} loaded in {} ms, {} of {} graphs",
        bundle.file(graph).getFileName(),
        (System.nanoTime() - begin) / 1_000_000,
        open.size(),
        count);
    return session;
  }

  OrtSession llm() {
    return llm;
  }

  OrtSession textChoice() {
    return textChoice;
  }

  private SpeechGraphs spoken() {
    return Objects.requireNonNull(spoken, "nothing is spoken");
  }

  OrtSession speechGroup() {
    return spoken().group();
  }

  OrtSession headEntry() {
    return spoken().headEntry();
  }

  OrtSession head() {
    return spoken().head();
  }

  /** Width of the refined head's transformer; 0 where nothing is spoken. */
  int headWidth() throws OrtException {
    if (spoken == null) {
      return 0;
    }
    NodeInfo rows = Objects.requireNonNull(spoken.headEntry().getOutputInfo().get("head_rows"));
    return Math.toIntExact(((TensorInfo) rows.getInfo()).getShape()[2]);
  }

  /** A new binding of one of these graphs. */
  GraphBinding bind(OrtSession graph) throws OrtException {
    return new GraphBinding(graph, onHost);
  }

  @Override
  public void close() throws OrtException {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
    open.clear();
  }
}
