package io.antiphon.analytics.calls;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;

/** Writes a summary as JSON: the same summary gives the same bytes. */
public final class CallJson {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private CallJson() {}

  /** The summary; members are named and ordered as the record's. */
  public static String write(CallSummary summary) {
    try {
      return MAPPER.writeValueAsString(summary) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the summary of " + summary.callId() + " is no JSON", e);
    }
  }
}
