package io.antiphon.client;

/** How fast a recording is sent. */
public enum Pace {
  /** Chunk by chunk without waiting. */
  IMMEDIATE,
  /** As a microphone would give it. */
  REAL_TIME
}
