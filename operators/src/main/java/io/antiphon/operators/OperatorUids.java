package io.antiphon.operators;

/** The operators' uids, by which savepoints find their state. They never change. */
public final class OperatorUids {
  public static final String DECODE = "antiphon-decode";
  public static final String CONVERSATION = "antiphon-conversation";
  public static final String SPEECH_TOKENIZER = "antiphon-speech-tokenizer";
  public static final String GROUPING = "antiphon-grouping";
  public static final String RESPONSE = "antiphon-response";
  public static final String DETOKENIZER = "antiphon-detokenizer";

  public static final String CHECK_TURNS = "antiphon-check-turns";
  public static final String CHECK_FEEDBACK = "antiphon-check-feedback";
  public static final String PREFERENCE_PAIRS = "antiphon-preference-pairs";

  public static final String CALL_RULES = "antiphon-call-rules";
  public static final String CALLS = "antiphon-calls";

  public static final String CHECK_SEGMENTS = "antiphon-check-segments";
  public static final String CHECK_SUMMARIES = "antiphon-check-summaries";
  public static final String CALL_REPLAY = "antiphon-call-replay";

  private OperatorUids() {}
}
