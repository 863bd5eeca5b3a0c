package io.antiphon.gateway.phone;

import java.util.List;

/**
 * One provider's messages, for one stream: what comes in becomes {@link PhoneEvent}s, what shall
 * happen becomes {@link WireMessage}s. Without input and output, threads and clocks. Not thread
 * safe.
 */
public interface MediaProtocol {
  /**
   * Takes a text message.
   *
   * @throws MediaProtocolException when it is malformed, too large or not due; the stream cannot go
   *     on
   */
  List<PhoneEvent> text(String message) throws MediaProtocolException;

  /**
   * Takes a binary message.
   *
   * @throws MediaProtocolException as {@link #text}
   */
  List<PhoneEvent> binary(byte[] message) throws MediaProtocolException;

  /**
   * Plays a frame.
   *
   * @param frame {@link PhoneAudio#frameBytes()} bytes in the coding of the call
   */
  List<WireMessage> audio(byte[] frame);

  /** Throws away what has been sent and not yet been played. */
  List<WireMessage> clear();

  /**
   * Asks for a {@link PhoneEvent.Marked} once everything sent so far has been played; empty where
   * the provider has no marks.
   *
   * @param name at most 32 characters
   */
  List<WireMessage> mark(String name);

  /** Ends the call from our side. */
  List<WireMessage> hangUp();

  /** Whether {@link #mark} is answered. */
  boolean marks();

  /**
   * Whether a call may outlive its stream and open another one; else the end of the socket is the
   * end of the call.
   */
  boolean comesBack();

  /**
   * Milliseconds of audio that may be sent ahead of the moment they are due, so that a late tick is
   * not heard: more where the provider has a playback buffer, none where it plays what comes.
   */
  int leadMillis();
}
