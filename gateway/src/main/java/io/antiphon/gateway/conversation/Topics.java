package io.antiphon.gateway.conversation;

import io.antiphon.schemas.ConversationEvent;
import io.antiphon.schemas.SpeechResponse;
import io.antiphon.schemas.TextResponse;

/** The way to the topics and back, as {@link TopicCall} needs it. Thread safe. */
interface Topics {
  /** Takes what comes back for one conversation; must only hand over. */
  interface Receiver {
    void text(TextResponse response);

    void speech(SpeechResponse response);

    /** Nothing comes any more, or what was sent did not arrive. */
    void lost(String message);
  }

  /** Sends without waiting; a failure is told to the conversation's receiver. */
  void send(ConversationEvent event);

  /** The receiver hears of the conversation no more. */
  void forget(String conversationId);
}
