package io.antiphon.chaos;

import io.antiphon.client.ConnectionException;
import io.antiphon.client.ConversationClient;
import io.antiphon.client.ResponseListener;
import io.antiphon.schemas.ConversationEvent;

/** The way to the agent and back, which all callers share. Thread safe. */
interface Line {
  /** Registers the listener of a conversation; close it to stop listening. */
  AutoCloseable listen(String conversation, ResponseListener listener);

  /** Sends without waiting; what does not arrive fails {@link #check()} from then on. */
  void send(ConversationEvent event);

  /**
   * @throws ConnectionException if anything sent or to be read was lost
   */
  void check();

  /**
   * Waits until everything sent has arrived.
   *
   * @throws ConnectionException if something has not
   */
  void flush();

  /** The product's own client. */
  static Line of(ConversationClient client) {
    return new Line() {
      @Override
      public AutoCloseable listen(String conversation, ResponseListener listener) {
        return client.listen(conversation, listener);
      }

      @Override
      public void send(ConversationEvent event) {
        client.send(event);
      }

      @Override
      public void check() {
        client.check();
      }

      @Override
      public void flush() {
        client.flush();
      }
    };
  }
}
