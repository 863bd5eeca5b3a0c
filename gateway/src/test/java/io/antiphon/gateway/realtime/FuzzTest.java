package io.antiphon.gateway.realtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.openai.core.ObjectMappers;
import com.openai.models.realtime.RealtimeServerEvent;
import io.antiphon.gateway.conversation.AudioPiece;
import io.antiphon.gateway.conversation.CallListener;
import io.antiphon.schemas.FinishReason;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Ten thousand sessions whose events are broken, mixed up and repeated, while the dataflow does as
 * it likes: no session throws, every event that is sent is valid to OpenAI's own client, and
 * nothing stays behind.
 */
@Tag("slow")
class FuzzTest {
  private static final int SESSIONS = 10_000;
  private static final long SEED = 20_261_128L;

  private static final List<String> EVENTS =
      List.of(
          "{'type':'session.update','event_id':'e1','session':{'type':'realtime','instructions':'Hi',"
              + "'output_modalities':['audio'],'tools':[{'type':'function','name':'f','description':'d',"
              + "'parameters':{'type':'object','properties':{'a':{'type':'string'}}}}],'tool_choice':'auto',"
              + "'max_output_tokens':'inf','audio':{'input':{'format':{'type':'audio/pcm','rate':24000},"
              + "'transcription':{'model':'whisper-1'},'noise_reduction':null,'turn_detection':"
              + "{'type':'server_vad','threshold':0.5,'prefix_padding_ms':300,'silence_duration_ms':500,"
              + "'create_response':true,'interrupt_response':true,'idle_timeout_ms':6000}},"
              + "'output':{'format':{'type':'audio/pcmu'},'voice':'marin','speed':1.0}}}}",
          "{'type':'session.update','session':{'type':'realtime','audio':{'input':{'turn_detection':null}}}}",
          "{'type':'session.update','session':{'type':'realtime','audio':{'input':{'turn_detection':"
              + "{'type':'semantic_vad','eagerness':'medium'}}}}}",
          "{'type':'input_audio_buffer.append','audio':'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'}",
          "{'type':'input_audio_buffer.commit'}",
          "{'type':'input_audio_buffer.clear'}",
          "{'type':'conversation.item.create','previous_item_id':'root','item':{'id':'m1','type':'message',"
              + "'role':'user','content':[{'type':'input_text','text':'Hello'}]}}",
          "{'type':'conversation.item.create','item':{'type':'message','role':'assistant',"
              + "'content':[{'type':'output_text','text':'Hello'}]}}",
          "{'type':'conversation.item.create','item':{'type':'function_call_output','call_id':'c1','output':'1'}}",
          "{'type':'conversation.item.create','item':{'type':'function_call','call_id':'c2','name':'f','arguments':'{}'}}",
          "{'type':'conversation.item.retrieve','item_id':'m1'}",
          "{'type':'conversation.item.truncate','item_id':'item_a0_123456789','content_index':0,'audio_end_ms':120}",
          "{'type':'conversation.item.delete','item_id':'m1'}",
          "{'type':'response.create','event_id':'e9'}",
          "{'type':'response.create','response':{'conversation':'none','metadata':{'k':'v'},"
              + "'output_modalities':['text'],'instructions':'Be brief','max_output_tokens':10,"
              + "'input':[{'type':'message','role':'user','content':[{'type':'input_text','text':'x'}]}]}}",
          "{'type':'response.cancel','response_id':'resp_r0'}");

  private final Random random = new Random(SEED);

  @Test
  void nothingThatAClientSendsBreaksASession() {
    FakePort port = new FakePort();
    List<TestSession> sessions = new ArrayList<>();
    long events = 0;
    for (int i = 0; i < SESSIONS; i++) {
      boolean transcribing = random.nextInt(10) == 0;
      TestSession session =
          new TestSession(
              port,
              transcribing
                  ? SessionConfiguration.transcription("nano")
                  : SessionConfiguration.realtime("nano"));
      sessions.add(session);
      play(session);
      List<JsonNode> sent = session.take();
      events += sent.size();
      check(sent, i % 20 == 0);
      session.session.closed(1000, "");
    }
    assertThat(events).isGreaterThan(SESSIONS * 10L);
    assertThat(sessions).allMatch(session -> session.lease.closed == 1);
    assertThat(port.calls).allMatch(call -> call.ended);
    assertThat(port.calls)
        .filteredOn(call -> !(call.listener instanceof AsideResponse))
        .hasSize(SESSIONS);
    assertThat(port.calls).filteredOn(call -> call.listener instanceof AsideResponse).isNotEmpty();
    TestSession sound = new TestSession();
    sound.append(24_000);
    sound.call().answer(0, null, "Yes.", new byte[960]);
    sound.connection.only("response.done");
  }

  private void play(TestSession session) {
    Dataflow dataflow = new Dataflow(session.call().listener);
    int steps = 5 + random.nextInt(20);
    for (int i = 0; i < steps; i++) {
      String event = EVENTS.get(random.nextInt(EVENTS.size())).replace('\'', '"');
      switch (random.nextInt(6)) {
        case 0 -> session.session.text(flip(event));
        case 1 -> session.session.text(change(event));
        case 2 -> session.session.text(event.substring(0, random.nextInt(event.length())));
        case 3 -> dataflow.step();
        case 4 -> {
          if (random.nextInt(20) == 0) {
            session.session.binary(new byte[random.nextInt(100)]);
          }
          // Few are large: reading them is what takes the time.
          session.append(2 * random.nextInt(random.nextInt(10) == 0 ? 20_000 : 500));
        }
        default -> session.session.text(event);
      }
    }
  }

  private static void check(List<JsonNode> sent, boolean typed) {
    for (JsonNode event : sent) {
      assertThat(event.path("type").textValue()).isNotEmpty();
      assertThat(event.path("event_id").textValue()).isNotEmpty();
      if (typed) {
        try {
          RealtimeServerEvent read =
              ObjectMappers.jsonMapper().treeToValue(event, RealtimeServerEvent.class);
          assertThat(read.isValid()).as(event.toString()).isTrue();
        } catch (JsonProcessingException e) {
          throw new AssertionError(event.toString(), e);
        }
      }
    }
  }

  /** Other characters here and there. */
  private String flip(String event) {
    StringBuilder changed = new StringBuilder(event);
    for (int i = 0; i < 1 + random.nextInt(4); i++) {
      char character = (char) (random.nextBoolean() ? random.nextInt(128) : random.nextInt(65_536));
      changed.setCharAt(random.nextInt(changed.length()), character);
    }
    return changed.toString();
  }

  /** Well-formed JSON with other values. */
  private String change(String event) {
    try {
      JsonNode tree = Wire.JSON.readTree(event);
      for (int i = 0; i < 1 + random.nextInt(3); i++) {
        mutate(tree);
      }
      return tree.toString();
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  private void mutate(JsonNode node) {
    if (node instanceof ObjectNode object && !object.isEmpty()) {
      List<String> names = new ArrayList<>();
      for (Iterator<String> all = object.fieldNames(); all.hasNext(); ) {
        names.add(all.next());
      }
      Collections.shuffle(names, random);
      String name = names.get(0);
      JsonNode child = object.get(name);
      if (child.isContainerNode() && !child.isEmpty() && random.nextInt(3) > 0) {
        mutate(child);
      } else if (random.nextInt(4) == 0) {
        object.remove(name);
      } else {
        object.set(name, value());
      }
    } else if (node instanceof ArrayNode array && !array.isEmpty()) {
      int at = random.nextInt(array.size());
      if (array.get(at).isContainerNode() && random.nextBoolean()) {
        mutate(array.get(at));
      } else {
        array.set(at, value());
      }
    }
  }

  private JsonNode value() {
    String json =
        switch (random.nextInt(12)) {
          case 0 -> "null";
          case 1 -> "true";
          case 2 -> "-1";
          case 3 -> "1e308";
          case 4 -> "99999999999999999999";
          case 5 -> "0.5";
          case 6 -> "\"\"";
          case 7 -> "\"\\u0000\\ud800\"";
          case 8 -> "[]";
          case 9 -> "{}";
          case 10 -> "[[[[{}]]]]";
          default -> "\"" + "x".repeat(random.nextInt(300)) + "\"";
        };
    try {
      return Wire.JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  /** Answers that come as they like, but each in its order. */
  private final class Dataflow {
    private final CallListener listener;
    private int turn;
    private boolean answering;

    Dataflow(CallListener listener) {
      this.listener = listener;
    }

    void step() {
      switch (random.nextInt(9)) {
        case 0 -> listener.speechStarted(random.nextInt(10_000));
        case 1 -> listener.speechStopped(random.nextInt(10_000));
        case 2 -> listener.turnTaken(turn, random.nextInt(10_000));
        case 3 -> listener.transcript(turn, "words");
        case 4 -> listener.failed("malformed-audio", "no audio", false);
        case 5 -> listener.answerRefused("r" + random.nextInt(3), "unsupported", "no");
        default -> answer();
      }
    }

    private void answer() {
      if (!answering) {
        answering = true;
        listener.answerStarted(turn, random.nextBoolean() ? "r" + random.nextInt(3) : null);
        return;
      }
      switch (random.nextInt(5)) {
        case 0 -> listener.text(turn, "word ", random.nextInt(2) - 1);
        case 1 ->
            listener.audio(turn, new AudioPiece(0, 0, new byte[2 * random.nextInt(2_000)], false));
        case 2 -> listener.toolCall(turn, "c" + turn, "f", "{}");
        default -> {
          FinishReason[] reasons = FinishReason.values();
          listener.answerEnded(
              turn, FakePort.FakeCall.end("word", reasons[random.nextInt(reasons.length)], 100));
          answering = false;
          turn++;
        }
      }
    }
  }
}
