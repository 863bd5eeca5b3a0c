package io.antiphon.jobs.configuration;

import java.time.Duration;

/**
 * Limits of a conversation.
 *
 * @param idleTimeout a conversation without a record for so long is ended
 * @param maximumRecordSize larger records become dead letters
 */
public record ConversationConfiguration(Duration idleTimeout, ByteSize maximumRecordSize)
    implements Section {
  @Override
  public void check(Problems problems) {
    problems.require(
        idleTimeout.compareTo(Duration.ofSeconds(1)) >= 0,
        "idleTimeout",
        idleTimeout.toMillis() + "ms",
        "at least 1s");
    problems.require(
        maximumRecordSize.bytes() >= 1024 && maximumRecordSize.bytes() <= 8 << 20,
        "maximumRecordSize",
        maximumRecordSize,
        "1KiB to 8MiB");
  }
}
