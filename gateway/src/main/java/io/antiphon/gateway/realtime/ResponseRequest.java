package io.antiphon.gateway.realtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.antiphon.gateway.conversation.AnswerRequest;
import io.antiphon.gateway.conversation.HistoryItem;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a {@code response.create} asks for, over the session's configuration.
 *
 * @param metadata as written; null node for none
 * @param audio whether the answer is spoken
 * @param maximumOutputTokens null for "inf"
 */
record ResponseRequest(
    AnswerRequest answer,
    JsonNode metadata,
    boolean audio,
    @Nullable Integer maximumOutputTokens,
    AudioType format,
    String voice) {

  private static final int MOST_METADATA = 4_096;

  /** An answer that the dataflow gives by itself. */
  static ResponseRequest automatic(SessionConfiguration session) {
    return new ResponseRequest(
        AnswerRequest.of(""),
        NullNode.instance,
        session.audioOutput(),
        session.maximumOutputTokens(),
        session.outputFormat(),
        session.voice());
  }

  /**
   * @param tag comes back with the answer
   */
  static ResponseRequest read(
      Optional<Parameters> response, SessionConfiguration session, ItemHistory history, String tag)
      throws RealtimeException {
    if (response.isEmpty()) {
      return new ResponseRequest(
          AnswerRequest.of(tag),
          NullNode.instance,
          session.audioOutput(),
          session.maximumOutputTokens(),
          session.outputFormat(),
          session.voice());
    }
    Parameters given = response.get();
    boolean outOfBand =
        given.choice("conversation", List.of("auto", "none")).orElse("auto").equals("none");
    JsonNode metadata = NullNode.instance;
    if (given.object("metadata").isPresent()) {
      metadata = given.raw("metadata");
      if (metadata.toString().length() > MOST_METADATA) {
        throw given.invalid(
            "metadata", "Invalid 'response.metadata': longer than " + MOST_METADATA + ".");
      }
    }
    Optional<Boolean> audio = SessionConfiguration.modalities(given, "output_modalities");
    boolean speaks = audio.orElse(session.audioOutput());
    Integer tokens =
        given.has("max_output_tokens")
            ? SessionConfiguration.tokens(given, "max_output_tokens")
            : session.maximumOutputTokens();
    Optional<Tools> own =
        given.has("tools") && !given.isNull("tools")
            ? Optional.of(Tools.read("tools", given))
            : Optional.empty();
    Tools tools = own.orElse(session.tools());
    Optional<ToolChoice> choice = ToolChoice.read("tool_choice", given);
    if (choice.isPresent() && !choice.get().allowedBy(tools)) {
      throw choice.get().refusal("tool_choice", given);
    }
    if (choice.isEmpty() && !session.toolChoice().allowedBy(tools)) {
      choice = Optional.of(ToolChoice.AUTO); // the session's is one of other tools
    }
    return new ResponseRequest(
        new AnswerRequest(
            tag,
            given.text("instructions"),
            own.map(Tools::signatures),
            choice.map(ToolChoice::name),
            audio,
            given.has("max_output_tokens")
                ? Optional.ofNullable(SessionConfiguration.positions(tokens, speaks))
                : Optional.empty(),
            outOfBand,
            input(given, history)),
        metadata,
        speaks,
        tokens,
        session.outputFormat(),
        session.voice());
  }

  private static List<HistoryItem> input(Parameters given, ItemHistory history)
      throws RealtimeException {
    List<HistoryItem> items = new ArrayList<>();
    List<Parameters> written = given.objects("input").orElse(List.of());
    for (int i = 0; i < written.size(); i++) {
      Parameters item = written.get(i);
      if (item.text("type").orElse("").equals("item_reference")) {
        String id = item.requiredText("id");
        items.add(
            history
                .find(id)
                .orElseThrow(() -> item.invalid("id", "Item with item_id '" + id + "' not found."))
                .history());
      } else {
        items.add(ItemReader.read(item, "input_" + i).item().history());
      }
    }
    return items;
  }
}
