package io.antiphon.testing;

import io.antiphon.jobs.AgentDataflow;
import io.antiphon.jobs.DataflowDefinition;
import io.antiphon.jobs.configuration.AgentConfiguration;
import io.antiphon.operators.Dataflow;
import io.antiphon.operators.message.InboundRecord;
import io.antiphon.schemas.AudioChunk;
import io.antiphon.schemas.AudioFormat;
import io.antiphon.schemas.CompletedTurn;
import io.antiphon.schemas.ConversationEnded;
import io.antiphon.schemas.ConversationEvent;
import io.antiphon.schemas.ConversationFailed;
import io.antiphon.schemas.ConversationStarted;
import io.antiphon.schemas.DeadLetter;
import io.antiphon.schemas.FinishReason;
import io.antiphon.schemas.InputTranscript;
import io.antiphon.schemas.Mode;
import io.antiphon.schemas.SpeechResponse;
import io.antiphon.schemas.StageLatencies;
import io.antiphon.schemas.TextDelta;
import io.antiphon.schemas.TextMessage;
import io.antiphon.schemas.TextResponse;
import io.antiphon.schemas.ToolCall;
import io.antiphon.schemas.ToolResult;
import io.antiphon.schemas.TurnCompleted;
import io.antiphon.schemas.TurnEnded;
import io.antiphon.schemas.Usage;
import io.antiphon.serde.RecordDecodingException;
import io.antiphon.serde.Records;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/**
 * Operators without a model, for tests of everything around them: an answer tells how many samples
 * were said and repeats the last of them; a written turn "call NAME" and a spoken one of three
 * seconds call a tool, "fail" fails.
 */
public final class EchoDataflow implements DataflowDefinition {
  private static final OutputTag<TextResponse> TEXT =
      new OutputTag<>("text", Types.GENERIC(TextResponse.class));
  private static final OutputTag<CompletedTurn> COMPLETED =
      new OutputTag<>("completed", Types.GENERIC(CompletedTurn.class));
  private static final OutputTag<DeadLetter> DEAD =
      new OutputTag<>("dead", Types.GENERIC(DeadLetter.class));

  @Override
  public void define(StreamExecutionEnvironment environment, AgentConfiguration configuration) {
    // All of it is one chain, in which reused objects are never serialised.
    environment.getConfig().enableObjectReuse();
    AgentDataflow.define(
        environment,
        configuration,
        (target, records) -> {
          SingleOutputStreamOperator<SpeechResponse> speech =
              records.process(new Echo(), Types.GENERIC(SpeechResponse.class)).uid("echo");
          return new Dataflow.Outputs(
              speech,
              speech.getSideOutput(TEXT),
              speech.getSideOutput(COMPLETED),
              speech.getSideOutput(DEAD));
        });
  }

  private static final class Conversation {
    private final ConversationStarted start;
    private int turn;
    private long sequence;
    private int samples;
    private byte[] lastBytes = {};

    Conversation(ConversationStarted start) {
      this.start = start;
    }
  }

  private static final class Echo extends ProcessFunction<InboundRecord, SpeechResponse> {
    private static final long serialVersionUID = 1L;

    /** Three seconds. */
    private static final int CALLING_SAMPLES = 48_000;

    private transient @Nullable Map<String, Conversation> conversations;

    @Override
    public void processElement(
        InboundRecord record, Context context, Collector<SpeechResponse> out) {
      Map<String, Conversation> known =
          Objects.requireNonNullElseGet(conversations, () -> new HashMap<>());
      conversations = known;
      ConversationEvent event;
      try {
        event =
            Records.decode(ConversationEvent.class, record.value(), Records.DEFAULT_MAXIMUM_BYTES);
      } catch (RecordDecodingException e) {
        context.output(
            DEAD,
            new DeadLetter(
                record.topic(),
                record.partition(),
                record.offset(),
                buffer(record.key()),
                buffer(record.value()),
                e.code(),
                e.getMessage()));
        return;
      }
      String id = event.getConversationId();
      Object body = event.getBody();
      if (body instanceof ConversationStarted start) {
        known.put(id, new Conversation(start));
        return;
      }
      if (body instanceof ConversationEnded) {
        known.remove(id);
        return;
      }
      Conversation conversation = Objects.requireNonNull(known.get(id), id);
      if (body instanceof AudioChunk chunk) {
        conversation.lastBytes = new byte[chunk.getBytes().remaining()];
        chunk.getBytes().duplicate().get(conversation.lastBytes);
        conversation.samples += conversation.lastBytes.length / 2;
      } else if (body instanceof TurnEnded) {
        if (conversation.start.getTranscribeInput()) {
          text(id, conversation, context, new InputTranscript("what was said"));
        }
        if (conversation.samples < CALLING_SAMPLES) {
          answer(id, conversation, context, out, "heard " + conversation.samples);
        } else {
          call(id, conversation, context, "get_balance");
        }
      } else if (body instanceof TextMessage message && message.getText().startsWith("call ")) {
        call(id, conversation, context, message.getText().substring(5));
      } else if (body instanceof TextMessage message && message.getText().equals("fail")) {
        text(
            id,
            conversation,
            context,
            new ConversationFailed("no-idea", "this is how it fails", true, -1L));
      } else if (body instanceof TextMessage message) {
        answer(id, conversation, context, out, "read " + message.getText());
      } else if (body instanceof ToolResult result) {
        answer(id, conversation, context, out, "the tool says " + result.getResult());
      }
    }

    private void call(String id, Conversation conversation, Context context, String tool) {
      conversation.lastBytes = new byte[0]; // a call is not spoken
      text(id, conversation, context, new ToolCall("1", tool, "{\"account\": \"current\"}"));
      complete(id, conversation, context, "", FinishReason.TOOL_CALL);
    }

    private void answer(
        String id,
        Conversation conversation,
        Context context,
        Collector<SpeechResponse> out,
        String text) {
      int half = text.length() / 2;
      text(id, conversation, context, new TextDelta(text.substring(0, half), -1L));
      text(id, conversation, context, new TextDelta(text.substring(half), -1L));
      if (conversation.start.getMode() == Mode.SPEECH_TO_SPEECH) {
        AudioFormat format = conversation.start.getOutputFormat();
        out.collect(
            new SpeechResponse(
                id,
                conversation.turn,
                0L,
                0L,
                format,
                ByteBuffer.wrap(conversation.lastBytes),
                false));
        out.collect(
            new SpeechResponse(
                id, conversation.turn, 1L, 0L, format, ByteBuffer.allocate(0), true));
      }
      complete(id, conversation, context, text, FinishReason.STOP);
    }

    private void complete(
        String id, Conversation conversation, Context context, String text, FinishReason reason) {
      StageLatencies latencies = new StageLatencies(1.0, 2.0, 3.0, -1.0, 5.0, 6.0);
      text(
          id,
          conversation,
          context,
          new TurnCompleted(
              text,
              reason,
              new Usage(1, 2, 3, 4, 0),
              latencies,
              (long) conversation.lastBytes.length));
      conversation.turn++;
      conversation.sequence = 0;
      conversation.samples = 0;
    }

    private void text(String id, Conversation conversation, Context context, Object body) {
      context.output(TEXT, new TextResponse(id, conversation.turn, conversation.sequence++, body));
    }

    private static @Nullable ByteBuffer buffer(byte @Nullable [] bytes) {
      return bytes == null ? null : ByteBuffer.wrap(bytes);
    }
  }
}
