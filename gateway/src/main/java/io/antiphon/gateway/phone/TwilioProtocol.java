package io.antiphon.gateway.phone;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * Twilio Media Streams (bidirectional): mu-law at 8 kHz, numbers as strings. A pause in {@code
 * media.timestamp} is reported as lost.
 */
public final class TwilioProtocol extends JsonMediaProtocol {
  /** Timestamps jitter by a packet; only more than that is a loss. */
  private static final long LOSS_MILLIS = 40;

  private long expectedMillis = -1;

  /** The protocol of one stream. */
  public TwilioProtocol() {
    super("streamSid", true);
  }

  @Override
  PhoneEvent.Started start(JsonNode json) throws MediaProtocolException {
    JsonNode start = MediaJson.object(json, "start");
    JsonNode format = MediaJson.object(start, "mediaFormat");
    String encoding = MediaJson.text(format, "encoding");
    long rate = MediaJson.number(format, "sampleRate");
    long channels = MediaJson.number(format, "channels");
    if (!encoding.equals("audio/x-mulaw") || rate != 8000 || channels != 1) {
      throw MediaJson.bad(
          "mediaFormat is another than audio/x-mulaw with sampleRate 8000 and channels 1");
    }
    return MediaJson.started(
        MediaJson.text(start, "callSid"),
        MediaJson.text(start, "streamSid"),
        PhoneAudio.MU_LAW,
        MediaJson.texts(start, "customParameters"));
  }

  @Override
  List<PhoneEvent> media(JsonNode media) throws MediaProtocolException {
    byte[] samples = MediaJson.samples(media, "payload", PhoneAudio.MU_LAW);
    List<PhoneEvent> events = new ArrayList<>(2);
    if (media.has("timestamp")) {
      long timestamp = MediaJson.number(media, "timestamp");
      if (expectedMillis >= 0 && timestamp - expectedMillis >= LOSS_MILLIS) {
        events.add(new PhoneEvent.Lost(timestamp - expectedMillis));
      }
      expectedMillis =
          Math.max(expectedMillis, timestamp + PhoneAudio.MU_LAW.millis(samples.length));
    }
    events.add(new PhoneEvent.Audio(samples));
    return events;
  }

  @Override
  byte[] payload(byte[] frame) {
    return frame;
  }

  /** The call goes on with the next verb of its TwiML, which may connect it again. */
  @Override
  public boolean comesBack() {
    return true;
  }
}
