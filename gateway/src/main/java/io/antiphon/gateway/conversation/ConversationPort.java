package io.antiphon.gateway.conversation;

import io.antiphon.gateway.server.Strand;
import java.util.Optional;

/** The way from a protocol to the dataflow. Thread safe. */
public interface ConversationPort {
  /**
   * A new conversation with an id of this node's own. Nothing is sent before {@link
   * CallSession#start}.
   *
   * @param tenant whose conversation it is
   * @param strand on which the listener is called and the session must be used
   * @throws CallRefusedException when this node takes no further conversation
   */
  CallSession open(String tenant, Strand strand, CallListener listener) throws CallRefusedException;

  /**
   * The strand of a conversation that may be resumed here; a connection that resumes it must run on
   * it. Empty when this node does not hold it, or it is not the tenant's.
   */
  Optional<Strand> strandOf(String conversationId, String tenant);

  /**
   * Goes on with a conversation whose connection was lost. Responses from {@code point} on are
   * delivered again; the connection that had it before is told that it is {@linkplain
   * CallListener#lost lost}.
   *
   * @param strand what {@link #strandOf} gave
   * @throws CallRefusedException when the conversation is not one of the tenant's, or not held here
   */
  CallSession resume(ResumePoint point, Strand strand, CallListener listener)
      throws CallRefusedException;
}
