package io.antiphon.gateway.realtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.antiphon.gateway.conversation.AudioPiece;
import io.antiphon.gateway.conversation.HistoryItem;
import io.antiphon.gateway.conversation.TurnTaking;
import io.antiphon.schemas.FinishReason;
import io.antiphon.schemas.Mode;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RealtimeSessionTest {
  private static final int HALF_A_SECOND = 24_000;

  private final TestSession client = new TestSession();

  private List<String> types() {
    return client.connection.types();
  }

  @Test
  void beginsWithTheWholeSessionAndNoConversation() {
    JsonNode session = client.connection.only("session.created").path("session");
    assertThat(session.path("type").textValue()).isEqualTo("realtime");
    assertThat(session.path("model").textValue()).isEqualTo("nano");
    assertThat(session.at("/audio/input/format/rate").intValue()).isEqualTo(24_000);
    assertThat(session.at("/audio/input/turn_detection/type").textValue()).isEqualTo("server_vad");
    assertThat(session.at("/antiphon/conversation_id").textValue()).isEqualTo(client.call().id);
    assertThat(client.call().started).isFalse();
    assertThat(client.lease.conversation).isEqualTo(client.call().id);
  }

  @Test
  void keepsWhatAClientWritesOverItsDefaults() {
    client.take();
    client.send(
        "{'type':'session.update','session':{'type':'realtime','instructions':'Be brief.',"
            + "'tools':[{'type':'function','name':'get_balance','parameters':{'type':'object'}},"
            + "{'type':'mcp','server_label':'x'}],'tracing':'auto','max_output_tokens':60,"
            + "'audio':{'input':{'format':{'type':'audio/pcmu'},'transcription':{'model':'whisper-1'},"
            + "'turn_detection':null},'output':{'voice':'alloy','speed':1.0}}}}");
    JsonNode session = client.connection.only("session.updated").path("session");
    assertThat(session.path("instructions").textValue()).isEqualTo("Be brief.");
    assertThat(session.path("tools")).hasSize(1);
    assertThat(session.path("tracing").textValue()).isEqualTo("auto");
    assertThat(session.at("/audio/input/turn_detection").isNull()).isTrue();
    assertThat(session.at("/audio/input/format/type").textValue()).isEqualTo("audio/pcmu");
    assertThat(session.at("/audio/output/format/type").textValue()).isEqualTo("audio/pcm");
    assertThat(session.at("/audio/output/voice").textValue()).isEqualTo("alloy");

    client.append(800);
    var settings = client.call().settings.get(0);
    assertThat(settings.instructions()).isEqualTo("Be brief.");
    assertThat(settings.tools())
        .containsExactly("{\"name\":\"get_balance\",\"parameters\":{\"type\":\"object\"}}");
    assertThat(settings.inputFormat().getEncoding()).isEqualTo("mulaw");
    assertThat(settings.outputFormat().getEncoding()).isEqualTo("pcm16");
    assertThat(settings.turnTaking().type()).isEqualTo(TurnTaking.Type.MANUAL);
    assertThat(settings.maximumNewPositions()).isEqualTo(10);
    assertThat(settings.voice()).as("not a voice of the bundle").isNull();
    assertThat(settings.transcribe()).isTrue();
  }

  @Test
  void aTurnThatWasFoundInTheAudioIsAnsweredInTheOrderThatAllClientsTake() {
    client.append(HALF_A_SECOND);
    client.take();
    var call = client.call();
    call.listener.speechStarted(120);
    call.listener.speechStopped(480);
    call.listener.turnTaken(0, 500);
    call.listener.transcript(0, "Hello");
    call.answer(0, null, "Hi.", new byte[480]);
    assertThat(types().subList(0, 8))
        .containsExactly(
            "input_audio_buffer.speech_started",
            "input_audio_buffer.speech_stopped",
            "input_audio_buffer.committed",
            "conversation.item.added",
            "conversation.item.done",
            "response.created",
            "response.output_item.added",
            "conversation.item.added");
    String item =
        client.connection.only("input_audio_buffer.speech_started").path("item_id").textValue();
    assertThat(
            client.connection.only("input_audio_buffer.speech_stopped").path("item_id").textValue())
        .isEqualTo(item);
    assertThat(client.connection.only("input_audio_buffer.committed").path("item_id").textValue())
        .isEqualTo(item);
    client.take();
    client.send("{'type':'conversation.item.retrieve','item_id':'" + item + "'}");
    assertThat(
            client
                .connection
                .only("conversation.item.retrieved")
                .at("/item/content/0/transcript")
                .textValue())
        .as("known although the client did not ask for transcription events")
        .isEqualTo("Hello");
  }

  @Test
  void manualTurn() {
    client.send(
        "{'type':'session.update','session':{'type':'realtime','audio':{'input':{'turn_detection':null}}}}");
    client.append(HALF_A_SECOND);
    client.take();
    client.send("{'type':'input_audio_buffer.commit'}");
    assertThat(types())
        .containsExactly(
            "input_audio_buffer.committed", "conversation.item.added", "conversation.item.done");
    assertThat(client.call().done).containsExactly("start", "endTurn");
    client.take();
    client.send("{'type':'response.create','response':{'metadata':{'client':'7'}}}");
    assertThat(
            client.connection.only("response.created").at("/response/metadata/client").textValue())
        .isEqualTo("7");
    client.call().listener.turnTaken(0, 500);
    client.call().answer(0, "r0", "Yes.", new byte[9600]);
    assertThat(types())
        .containsExactly(
            "response.created",
            "response.output_item.added",
            "conversation.item.added",
            "response.content_part.added",
            "response.output_audio_transcript.delta",
            "response.output_audio.delta",
            "response.output_audio.done",
            "response.output_audio_transcript.done",
            "response.content_part.done",
            "response.output_item.done",
            "conversation.item.done",
            "response.done");
    JsonNode done = client.connection.only("response.done").path("response");
    assertThat(done.path("status").textValue()).isEqualTo("completed");
    assertThat(done.at("/output/0/content/0/transcript").textValue()).isEqualTo("Yes.");
    assertThat(done.at("/usage/total_tokens").intValue()).isEqualTo(130);
    assertThat(done.at("/usage/input_token_details/cached_tokens").intValue()).isEqualTo(90);
    assertThat(done.at("/metadata/client").textValue()).isEqualTo("7");
    assertThat(done.at("/antiphon/latencies_ms/first_audio").doubleValue()).isEqualTo(5.0);
    byte[] heard =
        Base64.getDecoder()
            .decode(
                client.connection.only("response.output_audio.delta").path("delta").textValue());
    assertThat(heard).hasSize(9600);
  }

  @Test
  void textInAndTextOut() {
    client.send(
        "{'type':'session.update','session':{'type':'realtime','output_modalities':['text']}}");
    client.send(
        "{'type':'conversation.item.create','item':{'type':'message','role':'user',"
            + "'content':[{'type':'input_text','text':'Hello'}]}}");
    client.take();
    client.send("{'type':'response.create'}");
    assertThat(client.call().settings.get(0).mode()).isEqualTo(Mode.SPEECH_TO_TEXT);
    client.call().listener.answerStarted(0, "r0");
    client.call().listener.text(0, "Hi", -1);
    client.call().listener.answerEnded(0, FakePort.FakeCall.end("Hi", FinishReason.STOP, 0));
    assertThat(types())
        .containsExactly(
            "response.created",
            "response.output_item.added",
            "conversation.item.added",
            "response.content_part.added",
            "response.output_text.delta",
            "response.output_text.done",
            "response.content_part.done",
            "response.output_item.done",
            "conversation.item.done",
            "response.done");
    assertThat(client.connection.only("response.content_part.added").at("/part/type").textValue())
        .isEqualTo("text");
  }

  @Test
  void aToolIsCalledAndItsResultIsAnsweredOnlyWhenAsked() {
    client.send(
        "{'type':'conversation.item.create','item':{'type':'message','role':'user',"
            + "'content':[{'type':'input_text','text':'My balance?'}]}}");
    client.send("{'type':'response.create'}");
    client.take();
    var call = client.call();
    call.listener.answerStarted(0, "r0");
    call.listener.toolCall(0, "call-1", "get_balance", "{\"account\":\"savings\"}");
    call.listener.answerEnded(0, FakePort.FakeCall.end("", FinishReason.TOOL_CALL, 0));
    assertThat(types())
        .containsExactly(
            "response.output_item.added",
            "conversation.item.added",
            "response.function_call_arguments.delta",
            "response.function_call_arguments.done",
            "response.output_item.done",
            "conversation.item.done",
            "response.done");
    JsonNode item = client.connection.only("response.output_item.done").path("item");
    assertThat(item.path("name").textValue()).isEqualTo("get_balance");
    assertThat(item.path("arguments").textValue()).isEqualTo("{\"account\":\"savings\"}");
    client.send(
        "{'type':'conversation.item.create','item':{'type':'function_call_output',"
            + "'call_id':'call-1','output':'12 euros'}}");
    assertThat(call.requests).hasSize(1);
    assertThat(call.done).contains("toolResult call-1 12 euros");
    client.send("{'type':'response.create'}");
    assertThat(call.requests).hasSize(2);
  }

  @Test
  void aCancelledAnswerEndsAtOnceAndWhatComesOfItLaterIsDropped() {
    client.append(HALF_A_SECOND);
    var call = client.call();
    call.listener.turnTaken(0, 500);
    call.listener.answerStarted(0, null);
    call.listener.text(0, "One two three", 0);
    call.listener.audio(0, new AudioPiece(0, 0, new byte[48_000], false));
    client.take();
    client.send("{'type':'response.cancel'}");
    assertThat(call.done).contains("interrupt 0");
    JsonNode done = client.connection.only("response.done").path("response");
    assertThat(done.path("status").textValue()).isEqualTo("cancelled");
    assertThat(done.at("/status_details/reason").textValue()).isEqualTo("client_cancelled");
    assertThat(client.connection.only("response.output_item.done").at("/item/status").textValue())
        .isEqualTo("incomplete");
    client.take();
    call.listener.audio(0, new AudioPiece(1, 1000, new byte[480], true));
    call.listener.answerEnded(0, FakePort.FakeCall.end("One", FinishReason.INTERRUPTED, 1000));
    assertThat(types()).isEmpty();
    client.send("{'type':'response.cancel','event_id':'mine'}");
    JsonNode error = client.connection.only("error").path("error");
    assertThat(error.path("code").textValue()).isEqualTo("response_cancel_not_active");
    assertThat(error.path("event_id").textValue()).isEqualTo("mine");
  }

  @Test
  void aSpeedThatNobodyCanHearIsRefusedByName() {
    client.take();
    client.send(
        "{'type':'session.update','event_id':'mine','session':{'type':'realtime',"
            + "'instructions':'Hurry.','audio':{'output':{'speed':1.25}}}}");
    JsonNode error = client.connection.only("error").path("error");
    assertThat(error.path("code").textValue()).isEqualTo("invalid_value");
    assertThat(error.path("param").textValue()).isEqualTo("session.audio.output.speed");
    assertThat(error.path("message").textValue()).contains("1.25").contains("expected 1.0");
    assertThat(error.path("event_id").textValue()).isEqualTo("mine");
    assertThat(types()).as("nothing of it counts").containsExactly("error");
  }

  @Test
  void eagernessBecomesTwoTimesWithoutSpeech() {
    client.send(
        "{'type':'session.update','session':{'type':'realtime','audio':{'input':{"
            + "'turn_detection':{'type':'semantic_vad','eagerness':'high'}}}}}");
    client.append(800);
    var taking = client.call().settings.get(0).turnTaking();
    assertThat(taking.silenceMillis()).isEqualTo(300);
    assertThat(taking.unfinishedSilenceMillis()).isEqualTo(1_000);
  }

  @Test
  void speechOfTheCallerCancelsTheAnswer() {
    client.append(HALF_A_SECOND);
    var call = client.call();
    call.listener.answerStarted(0, null);
    call.listener.text(0, "One two three", 0);
    client.take();
    call.listener.speechStarted(4_000);
    assertThat(types().get(0)).isEqualTo("input_audio_buffer.speech_started");
    JsonNode done = client.connection.only("response.done").path("response");
    assertThat(done.at("/status_details/reason").textValue()).isEqualTo("turn_detected");
  }

  @Test
  void aTruncatedAnswerHoldsWhatWasHeard() {
    client.append(HALF_A_SECOND);
    var call = client.call();
    call.listener.answerStarted(0, null);
    call.listener.text(0, "One ", 0);
    call.listener.text(0, "two ", 500);
    call.listener.text(0, "three", 1_000);
    call.listener.audio(0, new AudioPiece(0, 0, new byte[72_000], true));
    call.listener.answerEnded(0, FakePort.FakeCall.end("One two three", FinishReason.STOP, 1_500));
    String id = client.connection.only("response.output_item.done").at("/item/id").textValue();
    client.take();
    client.send(
        "{'type':'conversation.item.truncate','item_id':'"
            + id
            + "','content_index':0,'audio_end_ms':800}");
    client.connection.only("conversation.item.truncated");
    assertThat(call.done).contains("played 0 800", "interrupt 0");
    client.send("{'type':'conversation.item.retrieve','item_id':'" + id + "'}");
    assertThat(
            client
                .connection
                .only("conversation.item.retrieved")
                .at("/item/content/0/transcript")
                .textValue())
        .isEqualTo("One two");
  }

  /** The client says nothing of an answer that it played to the end. */
  @Test
  void anAnswerThatWasPlayedWholeIsReportedWhenItIsOver() {
    client.append(HALF_A_SECOND);
    var call = client.call();
    call.listener.turnTaken(0, 500);
    call.answer(0, null, "One second.", new byte[48_000]);
    client.clock.advanceMillis(999);
    assertThat(call.done).noneMatch(each -> each.startsWith("played"));
    client.clock.advanceMillis(1);
    assertThat(call.done).containsOnlyOnce("played 0 1000");
    call.listener.turnTaken(1, 2000);
    call.answer(1, null, "Two seconds.", new byte[96_000]);
    client.clock.advanceMillis(1500);
    client.session.closed(1000, "");
    assertThat(call.done).containsSubsequence("played 0 1000", "played 1 1500");
    assertThat(call.ended).isTrue();
    assertThat(client.clock.waiting()).isZero();
  }

  /** Of an answer that is cut off the client's word counts, and nothing is reported besides. */
  @Test
  void anAnswerThatIsCutOffIsReportedByTheClientAlone() {
    client.append(HALF_A_SECOND);
    var call = client.call();
    call.listener.turnTaken(0, 500);
    call.answer(0, null, "One second.", new byte[48_000]);
    String id = client.connection.only("response.output_item.done").at("/item/id").textValue();
    client.clock.advanceMillis(400);
    call.listener.speechStarted(900);
    client.clock.advanceMillis(5000);
    assertThat(call.done).noneMatch(each -> each.startsWith("played"));
    client.send(
        "{'type':'conversation.item.truncate','item_id':'"
            + id
            + "','content_index':0,'audio_end_ms':350}");
    client.clock.advanceMillis(5000);
    assertThat(call.done).containsOnlyOnce("played 0 350");
  }

  @Test
  void truncatingAnOldAnswerDoesNotStopTheNextOne() {
    client.append(HALF_A_SECOND);
    var call = client.call();
    call.listener.turnTaken(0, 500);
    call.answer(0, null, "Old.", new byte[4_800]);
    String id = client.connection.only("response.output_item.done").at("/item/id").textValue();
    call.listener.turnTaken(1, 900);
    client.send(
        "{'type':'conversation.item.truncate','item_id':'"
            + id
            + "','content_index':0,'audio_end_ms':99999}");
    assertThat(call.done).contains("played 0 100").noneMatch(each -> each.startsWith("interrupt"));
  }

  @Test
  void historyKeepsTheClientsIdsAndOrder() {
    for (String id : List.of("a", "c")) {
      client.send(
          "{'type':'conversation.item.create','item':{'id':'"
              + id
              + "','type':'message','role':'assistant','content':[{'type':'output_text','text':'"
              + id
              + "'}]}}");
    }
    client.send(
        "{'type':'conversation.item.create','previous_item_id':'a','item':{'id':'b','type':'message',"
            + "'role':'system','content':[{'type':'input_text','text':'b'}]}}");
    client.send(
        "{'type':'conversation.item.create','previous_item_id':'root','item':{'id':'0',"
            + "'type':'message','role':'user','content':[{'type':'input_text','text':'0'}]}}");
    List<JsonNode> added =
        client.take().stream()
            .filter(e -> e.path("type").textValue().equals("conversation.item.added"))
            .toList();
    assertThat(added)
        .extracting(e -> e.path("previous_item_id").textValue())
        .containsExactly(null, "a", "a", null);
    assertThat(client.call().done)
        .containsExactly(
            "start",
            "addItem a after null",
            "addItem c after null",
            "addItem b after a",
            "addItem 0 after root");
    client.send("{'type':'conversation.item.delete','item_id':'a'}");
    assertThat(client.connection.only("conversation.item.deleted").path("item_id").textValue())
        .isEqualTo("a");
    client.take();
    client.send(
        "{'type':'conversation.item.create','item':{'id':'b','type':'message','role':'user',"
            + "'content':[{'type':'input_text','text':'again'}]}}");
    assertThat(client.connection.only("error").at("/error/code").textValue())
        .isEqualTo("item_create_duplicate_item_id");
  }

  @Test
  void aTranscriptionSessionGivesTranscriptsAndNoResponses() {
    TestSession transcribing =
        new TestSession(new FakePort(), SessionConfiguration.transcription("nano"));
    transcribing.append(HALF_A_SECOND);
    transcribing.take();
    var call = transcribing.call();
    assertThat(call.settings.get(0).mode()).isEqualTo(Mode.TRANSCRIPTION);
    call.listener.turnTaken(0, 500);
    call.listener.answerStarted(0, null);
    call.listener.text(0, "Hello", -1);
    call.listener.answerEnded(0, FakePort.FakeCall.end("Hello", FinishReason.STOP, 0));
    assertThat(transcribing.connection.types())
        .containsExactly(
            "input_audio_buffer.committed",
            "conversation.item.added",
            "conversation.item.done",
            "conversation.item.input_audio_transcription.delta",
            "conversation.item.input_audio_transcription.completed");
    transcribing.send("{'type':'response.create'}");
    transcribing.connection.only("error");
  }

  @Test
  void formatsMayChangeInMidSession() {
    client.append(HALF_A_SECOND);
    client.send(
        "{'type':'session.update','session':{'type':'realtime','audio':{'input':{'format':"
            + "{'type':'audio/pcmu'}},'output':{'format':{'type':'audio/pcma'}}}}}");
    long before = client.call().audioBytes;
    client.append(8_000);
    assertThat(client.call().audioBytes - before)
        .as("a second of mu-law becomes a second of 24 kHz, but for the filters' delay")
        .isBetween(47_000L, 48_000L);
    client.take();
    client.call().answer(0, null, "Yes.", new byte[48_000]);
    int bytes =
        client.take().stream()
            .filter(e -> e.path("type").textValue().equals("response.output_audio.delta"))
            .mapToInt(e -> Base64.getDecoder().decode(e.path("delta").textValue()).length)
            .sum();
    assertThat(bytes).as("a second of A-law").isBetween(7_990, 8_010);
  }

  @Test
  void whatCannotBeReadIsAnErrorAndTheSessionGoesOn() {
    client.take();
    for (String bad :
        List.of(
            "",
            "no json",
            "[]",
            "{}",
            "{'type':7}",
            "{'type':'nonsense'}",
            "{'type':'session.update'}",
            "{'type':'session.update','session':{'audio':{'input':{'format':{'type':'audio/mp3'}}}}}",
            "{'type':'session.update','session':{'audio':{'input':{'format':{'type':'audio/pcm','rate':16000}}}}}",
            "{'type':'session.update','session':{'type':'transcription'}}",
            "{'type':'session.update','session':{'max_output_tokens':-1}}",
            "{'type':'input_audio_buffer.append'}",
            "{'type':'input_audio_buffer.append','audio':'***'}",
            "{'type':'input_audio_buffer.append','audio':'AAAA'}",
            "{'type':'input_audio_buffer.commit'}",
            "{'type':'conversation.item.create','item':{'type':'message','role':'user'}}",
            "{'type':'conversation.item.create','item':{'type':'x'}}",
            "{'type':'conversation.item.create','previous_item_id':'none','item':{'type':'message','role':'user','content':[]}}",
            "{'type':'conversation.item.retrieve','item_id':'none'}",
            "{'type':'conversation.item.delete','item_id':'none'}",
            "{'type':'conversation.item.truncate','item_id':'none','audio_end_ms':0}",
            "{'type':'response.create','response':{'conversation':'x'}}")) {
      client.send(bad);
      JsonNode error = client.connection.only("error").path("error");
      assertThat(error.path("type").textValue()).isEqualTo("invalid_request_error");
      assertThat(error.path("message").textValue()).isNotEmpty();
      client.take();
    }
    client.session.binary(new byte[3]);
    client.connection.only("error");
    client.take();
    client.append(HALF_A_SECOND);
    assertThat(client.connection.open()).isTrue();
    assertThat(client.call().started).isTrue();
  }

  @Test
  void anAnswerThatWasStoppedBySpeechIsNotStoppedAgainByItsTruncation() {
    client.append(HALF_A_SECOND);
    var call = client.call();
    call.listener.turnTaken(0, 100);
    call.listener.answerStarted(0, null);
    call.listener.text(0, "Hello there", 0);
    call.listener.audio(0, new AudioPiece(0, 0, new byte[48_000], false));
    String item = client.connection.only("response.output_item.added").at("/item/id").textValue();
    call.listener.speechStarted(900);
    client.take();
    // The caller's next turn may be answered already when the client says what was heard.
    client.send(
        "{'type':'conversation.item.truncate','item_id':'"
            + item
            + "','content_index':0,'audio_end_ms':300}");
    client.connection.only("conversation.item.truncated");
    assertThat(call.done).contains("played 0 300").noneMatch(each -> each.startsWith("interrupt"));
  }

  /**
   * Speech stops an answer, is taken as the next turn and answered by a tool call, while the client
   * says how much of the old answer it played: that may come between any two of the dataflow's
   * records, of an answer that was asked for or not, that was over or not.
   */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whereverATruncationComesBehindSpeechTheNextTurnIsAnswered(boolean over) {
    for (String tag : new String[] {null, "r0"}) {
      for (int behind = 1; behind <= 6; behind++) {
        TestSession caller = new TestSession();
        caller.append(HALF_A_SECOND);
        var call = caller.call();
        if (tag == null) {
          call.listener.turnTaken(0, 100);
        } else {
          caller.send("{'type':'response.create'}");
        }
        call.listener.answerStarted(0, tag);
        call.listener.text(0, "Hello there", 0);
        call.listener.audio(0, new AudioPiece(0, 0, new byte[48_000], over));
        if (over) {
          call.listener.answerEnded(
              0, FakePort.FakeCall.end("Hello there", FinishReason.STOP, 1_000));
        }
        String item =
            caller.connection.only("response.output_item.added").at("/item/id").textValue();
        caller.take();
        List<Runnable> records =
            List.of(
                () -> call.listener.speechStarted(900),
                () -> call.listener.speechStopped(3_000),
                () -> {
                  if (!over) {
                    call.listener.answerEnded(
                        0, FakePort.FakeCall.end("Hello", FinishReason.INTERRUPTED, 500));
                  }
                },
                () -> call.listener.turnTaken(1, 3_000),
                () -> call.listener.answerStarted(1, null),
                () -> call.listener.toolCall(1, "call-1-0", "get_balance", "{}"));
        for (int i = 0; i < records.size(); i++) {
          records.get(i).run();
          if (i + 1 == behind) {
            caller.send(
                "{'type':'conversation.item.truncate','item_id':'"
                    + item
                    + "','content_index':0,'audio_end_ms':300}");
          }
        }
        assertThat(call.done)
            .as("truncated behind record %d, asked for as %s", behind, tag)
            .contains("played 0 300")
            .noneMatch(each -> each.startsWith("interrupt"));
        caller.connection.only("conversation.item.truncated");
        caller.connection.only("response.function_call_arguments.done");
      }
    }
  }

  @Test
  void aToolChoiceThatTheToolsDoNotAllowIsRefusedOrWaitsForThem() {
    String get = "{'type':'function','name':'get'}";
    client.send(
        "{'type':'session.update','session':{'type':'realtime','tool_choice':" + get + "}}");
    assertThat(
            client.connection.only("session.updated").at("/session/tool_choice/name").textValue())
        .isEqualTo("get");
    client.send("{'type':'session.update','session':{'type':'realtime','tools':[]}}");
    client.take();
    for (String wrong : List.of(get, "'required'")) {
      client.send("{'type':'response.create','response':{'tool_choice':" + wrong + "}}");
      JsonNode error = client.connection.only("error").path("error");
      assertThat(error.path("code").textValue()).isEqualTo("invalid_value");
      assertThat(error.path("param").textValue()).isEqualTo("response.tool_choice");
      assertThat(error.path("message").textValue()).contains("'tools'");
      client.take();
    }
    client.append(HALF_A_SECOND);
    assertThat(client.call().settings())
        .satisfies(settings -> assertThat(settings.toolChoice()).isEqualTo("auto"));
    client.send("{'type':'session.update','session':{'type':'realtime','tools':[" + get + "]}}");
    assertThat(client.call().settings())
        .satisfies(settings -> assertThat(settings.toolChoice()).isEqualTo("get"));
    client.send(
        "{'type':'response.create','response':{'tools':[{'type':'function','name':'put'}]}}");
    assertThat(client.call().requests.get(0).toolChoice())
        .as("the session's is one of other tools")
        .contains("auto");
  }

  @Test
  void theEndIsToldOnce() {
    client.append(HALF_A_SECOND);
    client.session.closed(1000, "");
    assertThat(client.call().ended).isTrue();
    assertThat(client.lease.closed).isEqualTo(1);
  }

  @Test
  void aRefusedConversationClosesTheSession() {
    client.append(HALF_A_SECOND);
    client.call().listener.refused("capacity: all places are taken", 2_000);
    client.connection.only("error");
    assertThat(client.connection.closeCode()).isEqualTo(1013);
  }

  @Test
  void anAnswerOutOfBandIsAConversationOfItsOwn() {
    TestSession client = new TestSession();
    client.take();
    client.send(
        "{'type':'response.create','response':{'conversation':'none','metadata':{'topic':'mood'},"
            + "'output_modalities':['text'],'instructions':'Be brief','input':["
            + "{'type':'message','role':'system','content':[{'type':'input_text','text':'In English'}]},"
            + "{'type':'message','role':'user','content':[{'type':'input_text','text':'Hello'}]}]}}");
    assertThat(client.port.calls).hasSize(2);
    FakePort.FakeCall own = client.port.calls.get(0);
    FakePort.FakeCall aside = client.port.calls.get(1);
    assertThat(own.requests).isEmpty();
    assertThat(aside.settings.get(0).instructions()).isEqualTo("Be brief\nIn English");
    assertThat(aside.settings.get(0).mode()).isEqualTo(Mode.SPEECH_TO_TEXT);
    assertThat(aside.items).extracting(HistoryItem::id).hasSize(1);
    aside.answer(0, aside.requests.get(0).tag(), "Hi.", new byte[0]);
    List<JsonNode> events = client.take();
    assertThat(events)
        .extracting(event -> event.path("type").textValue())
        .doesNotContain("error", "conversation.item.added")
        .contains("response.created", "response.output_text.done", "response.done");
    JsonNode done = events.get(events.size() - 1).path("response");
    assertThat(done.path("status").textValue()).isEqualTo("completed");
    assertThat(done.path("conversation_id").isNull()).isTrue();
    assertThat(done.at("/metadata/topic").textValue()).isEqualTo("mood");
    assertThat(done.at("/output/0/content/0/text").textValue()).isEqualTo("Hi.");
    assertThat(aside.ended).isTrue();
    assertThat(own.ended).isFalse();
    client.session.closed(1000, "");
  }

  @Test
  void answersOutOfBandAreBoundedAndEndWithTheirSession() {
    TestSession client = new TestSession();
    client.take();
    String request =
        "{'type':'response.create','response':{'conversation':'none','input':["
            + "{'type':'message','role':'user','content':[{'type':'input_text','text':'Hello'}]}]}}";
    for (int i = 0; i < 5; i++) {
      client.send(request);
    }
    assertThat(client.port.calls).hasSize(5);
    JsonNode last = client.take().get(5);
    assertThat(last.at("/response/status_details/error/code").textValue()).isEqualTo("too_many");
    String first = client.port.calls.get(1).requests.get(0).tag();
    client.send("{'type':'response.cancel','response_id':'resp_" + first + "_1234567891'}");
    assertThat(client.take())
        .extracting(event -> event.at("/response/status").textValue())
        .containsExactly("cancelled");
    assertThat(client.port.calls.get(1).ended).isTrue();
    client.session.closed(1001, "");
    assertThat(client.port.calls).allMatch(call -> call.ended);
  }
}
