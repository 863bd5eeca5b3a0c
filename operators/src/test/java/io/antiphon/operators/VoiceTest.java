package io.antiphon.operators;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.operators.message.OutputMessage.AnswerStarted;
import io.antiphon.operators.message.OutputMessage.SpeechTokens;
import io.antiphon.operators.message.OutputMessage.Text;
import io.antiphon.operators.speech.ConversationOutput;
import io.antiphon.runtime.DetokenizerSession;
import io.antiphon.schemas.AudioFormat;
import io.antiphon.schemas.CompletedTurn;
import io.antiphon.schemas.SpeechResponse;
import io.antiphon.schemas.TextDelta;
import io.antiphon.schemas.TextResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The last stage while the detokenizer is behind. */
class VoiceTest {
  @Test
  void textKeepsItsOrderWhenItsAnswerBegins(@TempDir Path directory) throws Exception {
    FakeHost host = new FakeHost(Chain.bundle(directory), 400, FakeModel.ECHO);
    List<Long> sent = new ArrayList<>();
    ConversationOutput voice =
        new ConversationOutput(
            "c",
            host,
            new ConversationOutput.Outlet() {
              @Override
              public void speech(SpeechResponse piece) {}

              @Override
              public void text(TextResponse text) {
                sent.add(text.getSequence());
              }

              @Override
              public void completed(CompletedTurn turn) {}

              @Override
              public void await(CompletableFuture<float[]> chunk, DetokenizerSession session) {}

              @Override
              public void broken(int samples) {}
            });
    voice.pause();
    voice.accept(new AnswerStarted("c", 1, new AudioFormat("pcm16", 24000, 1), ""));
    for (long step = 0; step < 3; step++) {
      voice.accept(new SpeechTokens("c", 1, new int[] {1}));
      voice.accept(text(step));
    }
    assertThat(sent).isEmpty();
    voice.resume(); // the first chunk is under way, the others wait
    voice.accept(text(3));
    assertThat(sent).containsExactly(0L, 1L, 2L, 3L);
    voice.close();
  }

  private static Text text(long sequence) {
    return new Text("c", new TextResponse("c", 1, sequence, new TextDelta("x", -1L)));
  }
}
