package io.antiphon.serde.audio;

import io.antiphon.schemas.AudioFormat;
import java.util.List;
import java.util.Locale;

/** Which encodings and rates are spoken, and by whom. */
final class AudioFormats {
  private static final List<Integer> INPUT_RATES = List.of(8_000, 16_000, 24_000, 48_000);
  private static final int TELEPHONE_RATE = 8_000;

  private AudioFormats() {}

  static AudioDecoder decoder(AudioFormat format) throws UnsupportedAudioFormatException {
    int rate = format.getSampleRate();
    if (!INPUT_RATES.contains(rate)) {
      throw new UnsupportedAudioFormatException(
          "input format: sampleRate is " + rate + "; expected one of " + INPUT_RATES);
    }
    return switch (encoding(format, "input format")) {
      case PCM16 -> new SampleDecoder(SampleCoding.PCM16, rate);
      case MULAW -> new SampleDecoder(SampleCoding.MULAW, rate);
      case ALAW -> new SampleDecoder(SampleCoding.ALAW, rate);
      case OPUS -> new OpusAudioDecoder();
    };
  }

  static AudioEncoder encoder(AudioFormat format) throws UnsupportedAudioFormatException {
    Encoding encoding = encoding(format, "output format");
    int expected =
        switch (encoding) {
          case PCM16, OPUS -> AudioEncoder.SAMPLE_RATE;
          case MULAW, ALAW -> TELEPHONE_RATE;
        };
    if (format.getSampleRate() != expected) {
      throw new UnsupportedAudioFormatException(
          "output format: sampleRate of "
              + format.getEncoding()
              + " is "
              + format.getSampleRate()
              + "; expected "
              + expected);
    }
    return switch (encoding) {
      case PCM16 -> new SampleEncoder(SampleCoding.PCM16, expected);
      case MULAW -> new SampleEncoder(SampleCoding.MULAW, expected);
      case ALAW -> new SampleEncoder(SampleCoding.ALAW, expected);
      case OPUS -> new OpusAudioEncoder();
    };
  }

  static String describe(AudioFormat format) {
    return format.getEncoding() + " at " + format.getSampleRate() + " Hz";
  }

  private static Encoding encoding(AudioFormat format, String setting)
      throws UnsupportedAudioFormatException {
    for (Encoding encoding : Encoding.values()) {
      if (encoding.name().toLowerCase(Locale.ROOT).equals(format.getEncoding())) {
        return encoding;
      }
    }
    throw new UnsupportedAudioFormatException(
        setting
            + ": encoding is \""
            + format.getEncoding()
            + "\"; expected pcm16, mulaw, alaw or opus");
  }

  private enum Encoding {
    PCM16,
    MULAW,
    ALAW,
    OPUS
  }
}
