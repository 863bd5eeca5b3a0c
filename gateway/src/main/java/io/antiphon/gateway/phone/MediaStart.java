package io.antiphon.gateway.phone;

import java.util.Map;

/**
 * What a provider tells when a call's media begin.
 *
 * @param callId the provider's name of the call; the same again when a stream of the call is opened
 *     a second time
 * @param streamId the provider's name of this stream
 * @param audio coding of both directions
 * @param parameters what the dialplan or webhook gave along, for instance {@code from} and {@code
 *     to}
 */
public record MediaStart(
    String callId, String streamId, PhoneAudio audio, Map<String, String> parameters) {
  /** Parameters taken at most; further ones are an error of the sender. */
  public static final int MAXIMUM_PARAMETERS = 64;

  public MediaStart {
    if (callId.isEmpty() || callId.length() > 256) {
      throw new IllegalArgumentException(
          "call id of " + callId.length() + " characters; expected 1 to 256");
    }
    if (parameters.size() > MAXIMUM_PARAMETERS) {
      throw new IllegalArgumentException(
          parameters.size() + " parameters; expected " + MAXIMUM_PARAMETERS + " at most");
    }
    parameters = Map.copyOf(parameters);
  }
}
