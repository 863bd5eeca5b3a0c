package io.antiphon.operators.dialogue;

import io.antiphon.operators.message.ConversationSettings;
import io.antiphon.runtime.GenerationRequest;
import io.antiphon.runtime.manifest.Manifest;
import java.util.List;

/** What an answer asks of the host. */
final class GenerationRequests {
  private GenerationRequests() {}

  /** A function of conversation, settings, bundle, prompt and turn alone. */
  static GenerationRequest of(
      String conversation,
      ConversationSettings settings,
      Manifest manifest,
      PromptContext context,
      AnswerBuilder answer) {
    Manifest.Prompt prompt = manifest.prompt().orElseThrow();
    List<String> tools = settings.tools() == null ? prompt.tools() : settings.tools();
    boolean forceSpeech = tools.isEmpty() || prompt.forceSpeechWithTools();
    int room = context.capacity() - context.length();
    return new GenerationRequest(
        settings.seed(conversation),
        answer.drawnTurn(),
        settings.speaks(),
        settings.speaks() && forceSpeech && !answer.opened(),
        settings.sampling().text(manifest.sampling().text()),
        settings.sampling().speech(manifest.sampling().speech()),
        Math.max(1, Math.min(settings.maximumNewPositions(manifest), room)),
        answer.steps());
  }
}
