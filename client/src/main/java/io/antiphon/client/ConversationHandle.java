package io.antiphon.client;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.antiphon.schemas.AudioChunk;
import io.antiphon.schemas.ConversationEvent;
import io.antiphon.schemas.DeadLetter;
import io.antiphon.serde.Records;
import io.antiphon.serde.audio.SampleCoding;
import java.nio.ByteBuffer;

/**
 * The caller's end of one conversation: numbers the events it sends and listens until it is closed.
 * For one sending thread; the listener is called on the transport's reading thread.
 */
public final class ConversationHandle implements AutoCloseable {
  /** Milliseconds of audio in one record, as telephones and browsers send it. */
  public static final int CHUNK_MILLIS = 20;

  private final Transport transport;
  private final String id;
  private final AutoCloseable registration;

  @GuardedBy("this")
  private long sequence;

  /** Listens from now on; nothing is sent yet. */
  public ConversationHandle(Transport transport, String id, ResponseListener listener) {
    this.transport = transport;
    this.id = id;
    this.registration = transport.listen(id, listener);
  }

  public String id() {
    return id;
  }

  /**
   * Sends an event body under the conversation's next sequence number. From any thread: what is
   * heard is acknowledged by another one than that which speaks.
   */
  public synchronized void send(Object body) {
    transport.send(new ConversationEvent(id, sequence++, System.currentTimeMillis(), 0, body));
  }

  /**
   * Sends 16-bit mono samples in chunks, each a record of the first channel.
   *
   * @param samplesPerSecond of the conversation's input format
   * @param chunkMillis audio in one record
   */
  public void speak(short[] samples, int samplesPerSecond, int chunkMillis, Pace pace) {
    Pacer pacer = new Pacer(samplesPerSecond, chunkMillis);
    pacer.run(
        samples.length,
        pace,
        (from, to) -> send(new AudioChunk(SampleCoding.toPcm16(samples, from, to), 0, -1L)));
  }

  /** Whether a dead letter is about a record of this conversation. */
  public boolean concerns(DeadLetter letter) {
    return concerns(id, letter);
  }

  static boolean concerns(String conversation, DeadLetter letter) {
    return ByteBuffer.wrap(Records.key(conversation)).equals(letter.getKey());
  }

  /** Stops listening; {@link io.antiphon.schemas.ConversationEnded} is for the caller to send. */
  @Override
  public void close() {
    try {
      registration.close();
    } catch (Exception e) {
      throw new IllegalStateException("conversation " + id + " cannot stop listening", e);
    }
  }
}
