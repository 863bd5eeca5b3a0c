package io.antiphon.serde.kafka;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.HashSet;
import java.util.Set;

/** Lets a message pass the first time it comes, and remembers a bounded number. Thread safe. */
final class OncePerSchema {
  private static final int REMEMBERED = 64;

  @GuardedBy("this")
  private final Set<String> messages = new HashSet<>();

  synchronized boolean isFirst(String message) {
    return messages.size() < REMEMBERED && messages.add(message);
  }
}
