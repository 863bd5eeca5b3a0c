package io.antiphon.gateway.phone;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Asterisk's names of the codings that are served; its {@code slin} is signed linear, 16 bit. */
final class AsteriskFormats {
  private static final Map<String, PhoneAudio> FORMATS =
      Map.of(
          "ulaw", PhoneAudio.MU_LAW,
          "alaw", new PhoneAudio(PhoneAudio.Coding.A_LAW, 8_000),
          "slin", new PhoneAudio(PhoneAudio.Coding.PCM16, 8_000),
          "slin16", new PhoneAudio(PhoneAudio.Coding.PCM16, 16_000),
          "slin24", new PhoneAudio(PhoneAudio.Coding.PCM16, 24_000),
          "slin48", new PhoneAudio(PhoneAudio.Coding.PCM16, 48_000));

  private AsteriskFormats() {}

  static PhoneAudio of(String name) throws MediaProtocolException {
    @Nullable PhoneAudio audio = FORMATS.get(name);
    if (audio == null) {
      throw MediaJson.bad("format is another than ulaw, alaw, slin, slin16, slin24 and slin48");
    }
    return audio;
  }
}
