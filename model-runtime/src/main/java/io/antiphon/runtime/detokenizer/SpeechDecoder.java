package io.antiphon.runtime.detokenizer;

import ai.onnxruntime.OrtException;
import io.antiphon.runtime.Voice;
import java.util.List;

/** Graphs that turn speech ids into samples, as the service runs them. Thread safe. */
interface SpeechDecoder extends AutoCloseable {
  /** One answer's place in its stream; of one thread at a time. */
  interface Stream {
    byte[] carry();

    /**
     * @throws IllegalArgumentException when the carry belongs to another detokenizer
     */
    void restore(byte[] carry);
  }

  /**
   * Ids for one stream.
   *
   * @param ids what the graphs are given, see {@link #fed}
   * @param spoken ids of the answer among them
   * @param last whether the answer ends with them; the stream then is at its beginning again
   */
  record Piece(Stream stream, int[] ids, int spoken, boolean last) {}

  /** The buffers of one thread. Not thread safe. */
  interface Worker extends AutoCloseable {
    /**
     * @param pieces of different streams, all with equally many ids
     * @return samples of each that are complete
     */
    List<float[]> decode(List<Piece> pieces) throws OrtException;

    @Override
    void close();
  }

  /** Names of the voices, the default one first; empty where there is only one without a name. */
  List<String> voices();

  /**
   * @throws IllegalArgumentException for a voice that is not there
   */
  Stream open(Voice voice);

  /** What the graphs must be given for these ids of an answer. */
  int[] fed(int[] ids, boolean last);

  Worker worker(int mostStreams);

  /**
   * How many ids a stream must be given for one whole unit of work.
   *
   * @param usual in a call
   */
  int measuredIds(int usual);

  @Override
  void close();
}
