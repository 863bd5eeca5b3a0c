package io.antiphon.runtime.text;

import io.antiphon.runtime.manifest.GenerationMode;
import io.antiphon.runtime.manifest.Manifest;
import io.antiphon.runtime.text.TextTokenizer.Piece;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Prompt pieces from the bundle's template. The template's own strings are encoded with special
 * tokens recognised, callers' texts without; a message is encoded as one text, as a model was
 * trained. Immutable.
 */
public final class Prompts {
  private final Manifest.Prompt template;
  private final TextTokenizer tokenizer;
  private final Pattern toolCallMarkers;

  public Prompts(Manifest.Prompt template, TextTokenizer tokenizer) {
    this.template = template;
    this.tokenizer = tokenizer;
    this.toolCallMarkers =
        Pattern.compile(
            Pattern.quote(template.toolCallBegin()) + "|" + Pattern.quote(template.toolCallEnd()));
  }

  /**
   * Between the mode's sentence and the text behind it, as in the released models' demonstration.
   */
  private static final String BEHIND = " ";

  /**
   * The system message. It begins with the mode's sentence, on which the model was trained to tell
   * modes apart; a conversation's instructions stand behind it.
   *
   * @param instructions of the conversation's own, behind the mode's; null or empty for the
   *     bundle's persona, if it has one
   * @param tools signatures, one line of JSON each; null for the bundle's own (none when
   *     transcribing), empty for none
   */
  public List<PromptSegment> system(
      GenerationMode mode, @Nullable String instructions, @Nullable List<String> tools) {
    List<String> signatures =
        tools != null ? tools : mode == GenerationMode.TRANSCRIBE ? List.of() : template.tools();
    List<Piece> pieces = new ArrayList<>();
    pieces.add(Piece.template(template.systemPrefix()));
    pieces.add(Piece.plain(Objects.requireNonNull(template.instructions().get(mode))));
    String behind =
        instructions == null || instructions.isEmpty()
            ? template.personas().getOrDefault(mode, "")
            : instructions;
    if (!behind.isEmpty()) {
      pieces.add(Piece.plain(BEHIND + behind));
    }
    for (int i = 0; i < signatures.size(); i++) {
      pieces.add(Piece.template(i == 0 ? template.toolsPrefix() : template.toolsSeparator()));
      pieces.add(Piece.plain(ToolSignatures.in(template.toolParameters(), signatures.get(i))));
    }
    if (!signatures.isEmpty()) {
      pieces.add(Piece.template(template.toolsSuffix()));
    }
    pieces.add(Piece.template(template.systemSuffix()));
    return List.of(new PromptSegment.Text(tokenizer.encode(pieces)));
  }

  /** Begins a user's turn of audio. */
  public int[] audioBegin() {
    return tokenizer.encode(template.userPrefix() + template.audioBegin());
  }

  /** Ends a user's turn of audio, up to where the assistant answers. */
  public int[] audioEnd() {
    return tokenizer.encode(
        template.audioEnd() + template.userSuffix() + template.assistantPrefix());
  }

  /** Ends a user's turn of audio that has no answer yet. */
  public int[] audioEndUnanswered() {
    return tokenizer.encode(template.audioEnd() + template.userSuffix());
  }

  /** Where the assistant answers what has no answer yet. */
  public int[] assistantBegin() {
    return tokenizer.encode(template.assistantPrefix());
  }

  /** A message of the system in mid-conversation. */
  public int[] systemMessage(String text) {
    return tokenizer.encode(
        List.of(
            Piece.template(template.systemPrefix()),
            Piece.plain(text),
            Piece.template(template.systemSuffix())));
  }

  /** A user's written message that has no answer yet. */
  public int[] textMessage(String text) {
    return userMessage("", text, "");
  }

  /** What a called tool answered, with no answer to it yet. */
  public int[] toolResultMessage(String result) {
    return userMessage(template.toolResultPrefix(), result, template.toolResultSuffix());
  }

  /** A user's written turn, up to where the assistant answers. */
  public int[] textTurn(String text) {
    return userTurn("", text, "");
  }

  /** What a called tool answered, up to where the assistant answers. */
  public int[] toolResult(String result) {
    return userTurn(template.toolResultPrefix(), result, template.toolResultSuffix());
  }

  /**
   * A finished assistant turn in its history form, with its end. The markers of tool calls in it
   * are recognised.
   */
  public int[] assistantHistory(String text) {
    List<Piece> pieces = pieces(text);
    pieces.add(Piece.template(template.assistantSuffix()));
    return tokenizer.encode(pieces);
  }

  /** An assistant turn that has begun, in its history form; nothing for an empty text. */
  public int[] assistantOpening(String text) {
    return text.isEmpty() ? new int[0] : tokenizer.encode(pieces(text));
  }

  private List<Piece> pieces(String text) {
    List<Piece> pieces = new ArrayList<>();
    Matcher matcher = toolCallMarkers.matcher(text);
    int begin = 0;
    while (matcher.find()) {
      pieces.add(Piece.plain(text.substring(begin, matcher.start())));
      pieces.add(Piece.template(matcher.group()));
      begin = matcher.end();
    }
    pieces.add(Piece.plain(text.substring(begin)));
    return pieces;
  }

  /** The text that begins a tool call in an assistant turn. */
  public String toolCallBegin() {
    return template.toolCallBegin();
  }

  /** The text that ends a tool call in an assistant turn. */
  public String toolCallEnd() {
    return template.toolCallEnd();
  }

  private int[] userMessage(String before, String text, String after) {
    return tokenizer.encode(
        List.of(
            Piece.template(template.userPrefix() + before),
            Piece.plain(text),
            Piece.template(after + template.userSuffix())));
  }

  private int[] userTurn(String before, String text, String after) {
    return tokenizer.encode(
        List.of(
            Piece.template(template.userPrefix() + before),
            Piece.plain(text),
            Piece.template(after + template.userSuffix() + template.assistantPrefix())));
  }
}
