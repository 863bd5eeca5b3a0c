package io.antiphon.runtime.detokenizer;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.antiphon.runtime.Voice;
import io.antiphon.runtime.manifest.Manifest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** One streaming graph with states, which has one voice. */
final class StreamingDecoder implements SpeechDecoder {
  private final OrtSession session;
  private final Manifest.StreamingDetokenizer detokenizer;

  /**
   * @param session closed with this
   */
  StreamingDecoder(OrtSession session, Manifest.StreamingDetokenizer detokenizer) {
    this.session = session;
    this.detokenizer = detokenizer;
  }

  @Override
  public List<String> voices() {
    return List.of();
  }

  @Override
  public Stream open(Voice voice) {
    if (!voice.name().isEmpty()) {
      throw new IllegalArgumentException(
          "voice is '" + voice.name() + "', expected none: the bundle has one voice");
    }
    return new DetokenizerState(detokenizer.states());
  }

  @Override
  public int[] fed(int[] ids, boolean last) {
    if (!last) {
      return ids;
    }
    int[] fed = Arrays.copyOf(ids, ids.length + detokenizer.flushTokens());
    Arrays.fill(fed, ids.length, fed.length, detokenizer.flushId());
    return fed;
  }

  @Override
  public Worker worker(int mostStreams) {
    DetokenizerGraph graph = new DetokenizerGraph(session, detokenizer, mostStreams);
    return new Worker() {
      @Override
      public List<float[]> decode(List<Piece> pieces) throws OrtException {
        List<DetokenizerState> states =
            pieces.stream().map(piece -> (DetokenizerState) piece.stream()).toList();
        List<float[]> samples =
            pieces.get(0).ids().length == 0
                ? pieces.stream().map(piece -> new float[0]).toList()
                : graph.run(pieces.stream().map(Piece::ids).toList(), states);
        List<float[]> heard = new ArrayList<>(pieces.size());
        for (int i = 0; i < pieces.size(); i++) {
          heard.add(states.get(i).heard(samples.get(i), pieces.get(i).spoken(), detokenizer));
          if (pieces.get(i).last()) {
            states.get(i).reset();
          }
        }
        return heard;
      }

      @Override
      public void close() {
        graph.close();
      }
    };
  }

  @Override
  public int measuredIds(int usual) {
    return usual;
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("the detokenizer graph cannot be closed", e);
    }
  }
}
