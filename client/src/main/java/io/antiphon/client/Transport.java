package io.antiphon.client;

import io.antiphon.schemas.ConversationEvent;

/** The way to the dataflow and back, which all callers of a process share. Thread safe. */
public interface Transport {
  /** Registers the listener of a conversation; close it to stop listening. */
  AutoCloseable listen(String conversation, ResponseListener listener);

  /**
   * Sends an event under its conversation's key without waiting. An event that does not arrive
   * fails {@link #check()} from then on.
   */
  void send(ConversationEvent event);

  /**
   * @throws ConnectionException if an event was lost or responses can no longer be read
   */
  void check();

  /**
   * Waits until everything sent has arrived.
   *
   * @throws ConnectionException if an event was lost
   */
  void flush();
}
