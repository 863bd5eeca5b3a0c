package io.antiphon.gateway.conversation;

import io.antiphon.client.ResponseReader;
import io.antiphon.schemas.SpeechResponse;
import io.antiphon.schemas.TextResponse;
import java.util.List;

/** The readers that drop duplicates and restore order, one a topic. For one strand. */
final class ResponseReaders {
  /** Responses that wait for one that is missing before it is given up. */
  private static final int HELD = 1_000;

  private final ResponseReader<TextResponse> texts = ResponseReader.text(HELD);
  private final ResponseReader<SpeechResponse> speech = ResponseReader.speech(HELD);

  List<TextResponse> text(TextResponse response) {
    return texts.accept(response);
  }

  List<SpeechResponse> speech(SpeechResponse response) {
    return speech.accept(response);
  }
}
