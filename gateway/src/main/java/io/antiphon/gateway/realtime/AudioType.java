package io.antiphon.gateway.realtime;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.antiphon.schemas.AudioFormat;
import java.util.List;

/** The protocol's audio formats. */
enum AudioType {
  PCM("audio/pcm", "pcm16", 24_000, 2),
  PCMU("audio/pcmu", "mulaw", 8_000, 1),
  PCMA("audio/pcma", "alaw", 8_000, 1);

  private static final List<String> NAMES = List.of("audio/pcm", "audio/pcmu", "audio/pcma");

  private final String type;
  private final String encoding;
  private final int rate;
  private final int bytesPerSample;

  AudioType(String type, String encoding, int rate, int bytesPerSample) {
    this.type = type;
    this.encoding = encoding;
    this.rate = rate;
    this.bytesPerSample = bytesPerSample;
  }

  static AudioType read(Parameters format) throws RealtimeException {
    String name = format.requiredText("type");
    for (AudioType type : values()) {
      if (type.type.equals(name)) {
        if (type == PCM) {
          // The real one speaks 24 kHz only as well.
          format.integer("rate", type.rate, type.rate);
        }
        return type;
      }
    }
    throw format.value("type", name, NAMES);
  }

  /** The type of a conversation's format. */
  static AudioType of(AudioFormat format) {
    for (AudioType type : values()) {
      if (type.encoding.equals(format.getEncoding())) {
        return type;
      }
    }
    throw new IllegalArgumentException("no format of the protocol: " + format);
  }

  AudioFormat format() {
    return new AudioFormat(encoding, rate, 1);
  }

  int bytesPerSample() {
    return bytesPerSample;
  }

  long millis(long bytes) {
    return bytes * 1000 / ((long) rate * bytesPerSample);
  }

  void write(ObjectNode parent) {
    ObjectNode format = parent.putObject("format").put("type", type);
    if (this == PCM) {
      format.put("rate", rate);
    }
  }
}
