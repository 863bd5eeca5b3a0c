package io.antiphon.gateway.conversation;

import io.antiphon.gateway.server.Strand;

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
   * Goes on with a conversation that another connection or another node had. Responses from {@code
   * point} on are delivered again; the former holder's late records are recognisable by their
   * epoch.
   *
   * @throws CallRefusedException when the conversation is not one of the tenant's
   */
  CallSession resume(ResumePoint point, Strand strand, CallListener listener)
      throws CallRefusedException;
}
