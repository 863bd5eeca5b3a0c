package io.antiphon.operators.calls;

/** What comes in for a call: an event of it, or an answer that an agent of this house gave. */
public sealed interface CallInput permits RuledEvent, CallAnswer {
  String conversation();
}
