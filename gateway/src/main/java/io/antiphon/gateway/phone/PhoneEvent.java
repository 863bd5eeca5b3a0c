package io.antiphon.gateway.phone;

/** What a call's media stream tells, the same for every provider. */
public sealed interface PhoneEvent {
  /** The media begin. Comes once and first. */
  record Started(MediaStart start) implements PhoneEvent {}

  /** The caller's next samples, in the coding of the call; never a broken sample. */
  record Audio(byte[] bytes) implements PhoneEvent {}

  /** The provider lost so many milliseconds of the caller's samples. */
  record Lost(long millis) implements PhoneEvent {}

  /** Everything that was sent before this mark has been played, or was thrown away by a clear. */
  record Marked(String name) implements PhoneEvent {}

  /** The caller pressed a key. */
  record KeyPressed(char key) implements PhoneEvent {
    private static final String KEYS = "0123456789*#ABCD";

    public KeyPressed {
      if (KEYS.indexOf(key) < 0) {
        throw new IllegalArgumentException("key '" + key + "'; expected one of " + KEYS);
      }
    }
  }

  /** The provider's buffer is full: nothing more may be sent until {@link Resumed}. */
  record Paused() implements PhoneEvent {}

  /** The provider takes audio again. */
  record Resumed() implements PhoneEvent {}

  /** The caller is on hold: neither hears nor speaks. */
  record Held(boolean held) implements PhoneEvent {}

  /** The provider awaits this message, whatever the call does. */
  record Reply(WireMessage message) implements PhoneEvent {}

  /** The call is over; nothing follows. */
  record Ended(String reason) implements PhoneEvent {}
}
