package io.antiphon.operators;

import io.antiphon.runtime.DetokenizerSession;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/**
 * Samples as a running function of the ids; the last token is held back until the end, so that the
 * carry counts.
 */
final class FakeDetokenizerSession implements DetokenizerSession {
  private final FakeHost host;
  private int held = -1;
  private int phase;
  private int underWay;
  private CompletableFuture<float[]> chunk;

  FakeDetokenizerSession(FakeHost host) {
    this.host = host;
    host.open.add(this);
  }

  @Override
  public CompletableFuture<float[]> decode(int[] ids, boolean last) {
    underWay++;
    chunk =
        host.later(
            () -> {
              underWay--;
              int tokens = (held < 0 ? 0 : 1) + ids.length;
              int ready = last ? tokens : Math.max(0, tokens - 1);
              float[] pcm = new float[ready * TestBundle.SAMPLES_PER_TOKEN];
              int at = 0;
              for (int i = 0; i < tokens; i++) {
                int id = held >= 0 ? (i == 0 ? held : ids[i - 1]) : ids[i];
                if (i == ready) {
                  held = id;
                  return pcm;
                }
                phase++;
                for (int j = 0; j < TestBundle.SAMPLES_PER_TOKEN; j++) {
                  pcm[at++] = ((id * 7 + phase * 3 + j) % 200 - 100) / 128f;
                }
              }
              held = -1;
              return pcm;
            });
    return chunk;
  }

  boolean busy() {
    return underWay > 0;
  }

  @Override
  public byte[] carry() {
    if (underWay > 0) {
      throw new IllegalStateException("carry while a chunk is under way");
    }
    return ByteBuffer.allocate(8).putInt(held).putInt(phase).array();
  }

  @Override
  public void restore(byte[] carry) {
    ByteBuffer bytes = ByteBuffer.wrap(carry);
    held = bytes.getInt();
    phase = bytes.getInt();
  }

  @Override
  public void close() {
    host.open.remove(this);
    if (chunk != null) {
      chunk.cancel(false); // as the real one does with what waits
    }
  }
}
