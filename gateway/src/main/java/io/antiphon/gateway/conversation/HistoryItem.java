package io.antiphon.gateway.conversation;

/** What a conversation's history is made of. Ids are the protocol's. */
public sealed interface HistoryItem {
  /** Stands for the beginning of the history. */
  String ROOT = "root";

  String id();

  /** Something that was said or written. */
  record Message(String id, Role role, String text) implements HistoryItem {}

  /** A tool that was called. */
  record FunctionCall(String id, String callId, String name, String arguments)
      implements HistoryItem {}

  /** What a tool gave. */
  record FunctionCallOutput(String id, String callId, String output) implements HistoryItem {}

  /** Who speaks. */
  enum Role {
    SYSTEM,
    USER,
    ASSISTANT
  }
}
