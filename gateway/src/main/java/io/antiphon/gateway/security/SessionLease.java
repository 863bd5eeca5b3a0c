package io.antiphon.gateway.security;

/** A session that counts until it is closed; closing twice does nothing. Thread safe. */
public interface SessionLease extends AutoCloseable {
  Principal principal();

  /** Names the conversation in the audit log. */
  void conversation(String conversationId);

  @Override
  void close();
}
