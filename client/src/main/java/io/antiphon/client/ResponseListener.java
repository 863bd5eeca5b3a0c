package io.antiphon.client;

import io.antiphon.schemas.DeadLetter;
import io.antiphon.schemas.SpeechResponse;
import io.antiphon.schemas.TextResponse;

/** Takes what comes back for one conversation, on the client's reading thread. */
public interface ResponseListener {
  /** A record of {@code text-responses}; a duplicate is possible after a restart. */
  void onText(TextResponse response);

  /** A record of {@code speech-responses}; a duplicate is possible after a restart. */
  void onSpeech(SpeechResponse response);

  /** A dead letter of any conversation, for its key may be missing. */
  void onDeadLetter(DeadLetter letter);

  /** Reading has failed for good. */
  void onFailure(Throwable error);
}
