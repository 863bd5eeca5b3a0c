package io.antiphon.operators.calls;

import io.antiphon.operators.message.InboundEvent;

/**
 * An event on its way to the call that it belongs to.
 *
 * @param rules of a ConversationStarted: the rule set in force, as JSON; otherwise and without
 *     rules empty
 */
public record RuledEvent(InboundEvent event, String rules) implements CallInput {
  @Override
  public String conversation() {
    return event.conversation();
  }
}
