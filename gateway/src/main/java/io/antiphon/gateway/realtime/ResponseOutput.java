package io.antiphon.gateway.realtime;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.antiphon.gateway.conversation.AnswerEnd;
import io.antiphon.gateway.conversation.AudioPiece;
import io.antiphon.gateway.conversation.HistoryItem.Role;
import io.antiphon.gateway.realtime.Item.Kind;
import io.antiphon.gateway.realtime.Item.Part;
import io.antiphon.gateway.realtime.Item.Status;
import io.antiphon.schemas.StageLatencies;
import io.antiphon.schemas.Usage;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One answer as the client sees it: the order of its events, its items, its end. Begun when it is
 * asked for, before the dataflow has given it a turn. For one strand.
 */
final class ResponseOutput {
  /** Why a response has ended before its time. */
  enum Cancelled {
    TURN_DETECTED("turn_detected"),
    CLIENT_CANCELLED("client_cancelled");

    private final String word;

    Cancelled(String word) {
      this.word = word;
    }
  }

  private record ToolCall(String callId, String name, String arguments) {}

  private static final int NO_TURN = -1;

  private final String id;
  private final String itemId;
  private final String conversationId;
  private final ResponseRequest request;
  private final ItemHistory history;
  private final Outlet outlet;
  private final @Nullable AudioConversion conversion;
  private final TimedText spoken = new TimedText();
  private final List<Item> output = new ArrayList<>();
  private final List<ToolCall> waitingCalls = new ArrayList<>();
  private int turn = NO_TURN;
  private boolean messageOpen;
  private boolean over;

  /**
   * @param itemId of the message that it may make
   * @param conversion from the conversation's format to the client's, null when they are the same
   */
  ResponseOutput(
      String id,
      String itemId,
      String conversationId,
      ResponseRequest request,
      ItemHistory history,
      Outlet outlet,
      @Nullable AudioConversion conversion) {
    this.id = id;
    this.itemId = itemId;
    this.conversationId = conversationId;
    this.request = request;
    this.history = history;
    this.outlet = outlet;
    this.conversion = conversion;
  }

  String id() {
    return id;
  }

  String itemId() {
    return itemId;
  }

  int turn() {
    return turn;
  }

  String tag() {
    return request.answer().tag();
  }

  boolean outOfBand() {
    return request.answer().outOfBand();
  }

  /** Whether it has audio. */
  boolean speaks() {
    return request.audio();
  }

  boolean over() {
    return over;
  }

  TimedText spoken() {
    return spoken;
  }

  void begin() {
    outlet.send(e -> new ServerEvent.ResponseCreated(e, describe("in_progress", null, null, null)));
  }

  /** The dataflow has begun to answer. */
  void started(int number) {
    turn = number;
  }

  void text(String delta, long offsetMillis) {
    if (over || delta.isEmpty()) {
      return;
    }
    openMessage();
    spoken.add(delta, offsetMillis);
    if (request.audio()) {
      Double seconds = offsetMillis < 0 ? null : offsetMillis / 1000.0;
      outlet.send(e -> new ServerEvent.TranscriptDelta(e, id, itemId, 0, 0, delta, seconds));
    } else {
      outlet.send(e -> new ServerEvent.TextDelta(e, id, itemId, 0, 0, delta));
    }
  }

  void audio(AudioPiece piece, AudioType type) {
    if (over || !request.audio()) {
      return;
    }
    if (piece.bytes().length > 0) {
      openMessage();
      spoken.audio(piece.offsetMillis() + type.millis(piece.bytes().length));
      sendAudio(conversion == null ? piece.bytes() : conversion.convert(piece.bytes()));
    }
    if (piece.last() && conversion != null && messageOpen) {
      sendAudio(conversion.flush());
    }
  }

  void toolCall(String callId, String name, String arguments) {
    if (over) {
      return;
    }
    ToolCall call = new ToolCall(callId, name, arguments);
    if (messageOpen) {
      waitingCalls.add(call); // items follow each other; the message ends with its last audio
    } else {
      send(call);
    }
  }

  /**
   * The dataflow's end.
   *
   * @param interruption what stopped it, where it was stopped
   */
  void end(AnswerEnd end, Cancelled interruption) {
    if (over) {
      return;
    }
    boolean whole =
        switch (end.finishReason()) {
          case STOP, TOOL_CALL -> true;
          case LENGTH, INTERRUPTED, FAILED, UNKNOWN -> false;
        };
    finishItems(whole ? Status.COMPLETED : Status.INCOMPLETE);
    over = true;
    ObjectNode details =
        switch (end.finishReason()) {
          case STOP, TOOL_CALL -> null;
          case LENGTH -> details("incomplete").put("reason", "max_output_tokens");
          case INTERRUPTED -> details("cancelled").put("reason", interruption.word);
          case FAILED, UNKNOWN -> failure(end.failure());
        };
    String status =
        switch (end.finishReason()) {
          case STOP, TOOL_CALL -> "completed";
          case LENGTH -> "incomplete";
          case INTERRUPTED -> "cancelled";
          case FAILED, UNKNOWN -> "failed";
        };
    outlet.send(
        e ->
            new ServerEvent.ResponseDone(
                e, describe(status, details, end.usage(), end.latencies())));
  }

  /** Ends at once; what the dataflow still sends is dropped. */
  void cancel(Cancelled reason) {
    if (over) {
      return;
    }
    waitingCalls.clear();
    finishItems(Status.INCOMPLETE);
    over = true;
    outlet.send(
        e ->
            new ServerEvent.ResponseDone(
                e,
                describe(
                    "cancelled", details("cancelled").put("reason", reason.word), null, null)));
  }

  /** There is no answer. */
  void fail(String code, String message) {
    if (over) {
      return;
    }
    finishItems(Status.INCOMPLETE);
    over = true;
    ObjectNode details = failure(new AnswerEnd.Failure(code, message));
    outlet.send(e -> new ServerEvent.ResponseDone(e, describe("failed", details, null, null)));
  }

  private void openMessage() {
    if (messageOpen) {
      return;
    }
    messageOpen = true;
    Item.Message item = new Item.Message(itemId, Role.ASSISTANT, Status.IN_PROGRESS, List.of());
    added(item);
    outlet.send(e -> new ServerEvent.PartAdded(e, id, itemId, 0, 0, part("")));
  }

  private void sendAudio(byte[] bytes) {
    if (bytes.length > 0) {
      String delta = Base64.getEncoder().encodeToString(bytes);
      outlet.send(e -> new ServerEvent.AudioDelta(e, id, itemId, 0, 0, delta));
    }
  }

  private void finishItems(Status status) {
    if (messageOpen) {
      messageOpen = false;
      String text = spoken.text();
      if (request.audio()) {
        outlet.send(e -> new ServerEvent.AudioDone(e, id, itemId, 0, 0));
        outlet.send(e -> new ServerEvent.TranscriptDone(e, id, itemId, 0, 0, text));
      } else {
        outlet.send(e -> new ServerEvent.TextDone(e, id, itemId, 0, 0, text));
      }
      outlet.send(e -> new ServerEvent.PartDone(e, id, itemId, 0, 0, part(text)));
      Kind kind = request.audio() ? Kind.OUTPUT_AUDIO : Kind.OUTPUT_TEXT;
      done(0, new Item.Message(itemId, Role.ASSISTANT, status, List.of(new Part(kind, text))));
    }
    waitingCalls.forEach(this::send);
    waitingCalls.clear();
  }

  private void send(ToolCall call) {
    int index = output.size();
    String callItem = itemId + "_" + index;
    added(new Item.FunctionCall(callItem, Status.IN_PROGRESS, call.callId, call.name, ""));
    outlet.send(
        e -> new ServerEvent.ArgumentsDelta(e, id, callItem, index, call.callId, call.arguments));
    outlet.send(
        e ->
            new ServerEvent.ArgumentsDone(
                e, id, callItem, index, call.callId, call.name, call.arguments));
    done(
        index,
        new Item.FunctionCall(callItem, Status.COMPLETED, call.callId, call.name, call.arguments));
  }

  private void added(Item item) {
    int index = output.size();
    output.add(item);
    ObjectNode written = item.write();
    if (turn != NO_TURN) {
      // A response that was asked for is created before its turn is known; whoever goes on later
      // needs it before the response is done.
      written.putObject("antiphon").put("turn", turn);
    }
    outlet.send(e -> new ServerEvent.OutputItemAdded(e, id, index, written));
    if (!outOfBand()) {
      history.add(item);
      String previous = history.before(item.id());
      outlet.send(e -> new ServerEvent.ItemAdded(e, previous, item.write()));
    }
  }

  private void done(int index, Item item) {
    output.set(index, item);
    outlet.send(e -> new ServerEvent.OutputItemDone(e, id, index, item.write()));
    if (!outOfBand()) {
      history.replace(item);
      String previous = history.before(item.id());
      outlet.send(e -> new ServerEvent.ItemDone(e, previous, item.write()));
    }
  }

  private ObjectNode part(String text) {
    ObjectNode part = JsonNodeFactory.instance.objectNode();
    return request.audio()
        ? part.put("type", "audio").put("transcript", text)
        : part.put("type", "text").put("text", text);
  }

  private static ObjectNode details(String type) {
    return JsonNodeFactory.instance.objectNode().put("type", type);
  }

  private static ObjectNode failure(AnswerEnd.@Nullable Failure failure) {
    ObjectNode details = details("failed");
    details
        .putObject("error")
        .put("type", "server_error")
        .put("code", failure == null ? "failed" : failure.code())
        .put("message", failure == null ? "There is no answer." : failure.message());
    return details;
  }

  private ObjectNode describe(
      String status,
      @Nullable ObjectNode details,
      @Nullable Usage usage,
      @Nullable StageLatencies latencies) {
    ObjectNode response = JsonNodeFactory.instance.objectNode();
    response.put("object", "realtime.response").put("id", id).put("status", status);
    if (details == null) {
      response.putNull("status_details");
    } else {
      response.set("status_details", details);
    }
    ArrayNode items = response.putArray("output");
    output.forEach(item -> items.add(item.write()));
    if (outOfBand()) {
      response.putNull("conversation_id");
    } else {
      response.put("conversation_id", conversationId);
    }
    response.putArray("output_modalities").add(request.audio() ? "audio" : "text");
    if (request.maximumOutputTokens() == null) {
      response.put("max_output_tokens", "inf");
    } else {
      response.put("max_output_tokens", request.maximumOutputTokens());
    }
    if (request.audio()) {
      ObjectNode audio = response.putObject("audio").putObject("output");
      request.format().write(audio);
      audio.put("voice", request.voice());
    }
    if (usage == null) {
      response.putNull("usage");
    } else {
      response.set("usage", tokens(usage));
    }
    response.set("metadata", request.metadata());
    if (turn != NO_TURN) {
      ObjectNode own = response.putObject("antiphon").put("turn", turn);
      if (latencies != null) {
        own.putObject("latencies_ms")
            .put("encoded", latencies.getEncoded())
            .put("prefilled", latencies.getPrefilled())
            .put("first_text", latencies.getFirstText())
            .put("first_speech_tokens", latencies.getFirstSpeechTokens())
            .put("first_audio", latencies.getFirstAudio())
            .put("completed", latencies.getCompleted());
      }
    }
    return response;
  }

  /** Positions of the model are called tokens here: a group of speech is one of the input. */
  private static ObjectNode tokens(Usage usage) {
    int input = usage.getPromptPositions();
    int audioIn = Math.min(usage.getAudioGroups(), input);
    int outputTokens = usage.getTextTokens() + usage.getSpeechTokens();
    ObjectNode tokens = JsonNodeFactory.instance.objectNode();
    tokens
        .put("total_tokens", input + outputTokens)
        .put("input_tokens", input)
        .put("output_tokens", outputTokens);
    ObjectNode in =
        tokens
            .putObject("input_token_details")
            .put("text_tokens", input - audioIn)
            .put("audio_tokens", audioIn)
            .put("image_tokens", 0)
            .put("cached_tokens", Math.min(usage.getCachedPositions(), input));
    in.putObject("cached_tokens_details")
        .put("text_tokens", Math.min(usage.getCachedPositions(), input))
        .put("audio_tokens", 0)
        .put("image_tokens", 0);
    tokens
        .putObject("output_token_details")
        .put("text_tokens", usage.getTextTokens())
        .put("audio_tokens", usage.getSpeechTokens());
    return tokens;
  }
}
