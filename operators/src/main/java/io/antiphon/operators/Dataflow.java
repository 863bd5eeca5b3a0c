package io.antiphon.operators;

import io.antiphon.operators.calls.ModelTranscriber;
import io.antiphon.operators.dialogue.DialogueOperator;
import io.antiphon.operators.flink.KeyedOperatorFactory;
import io.antiphon.operators.input.DeadLetters;
import io.antiphon.operators.input.DecodeFunction;
import io.antiphon.operators.input.InputOperator;
import io.antiphon.operators.input.Routing;
import io.antiphon.operators.listening.GroupingOperator;
import io.antiphon.operators.listening.SpeechEncoderOperator;
import io.antiphon.operators.message.ConversationMessage.DialogueInput;
import io.antiphon.operators.message.ConversationMessage.EncoderInput;
import io.antiphon.operators.message.ConversationMessage.GroupingInput;
import io.antiphon.operators.message.InboundEvent;
import io.antiphon.operators.message.InboundEventSerializer;
import io.antiphon.operators.message.InboundRecord;
import io.antiphon.operators.message.OutputMessage;
import io.antiphon.operators.settings.OperatorSettings;
import io.antiphon.operators.speech.OutputOperator;
import io.antiphon.operators.state.AvroSerializers;
import io.antiphon.operators.state.SerializedType;
import io.antiphon.schemas.CompletedTurn;
import io.antiphon.schemas.DeadLetter;
import io.antiphon.schemas.SpeechResponse;
import io.antiphon.schemas.TextResponse;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;

/**
 * The whole way from raw records to responses. One shuffle, of raw records by their key, which is
 * the conversation id; everything behind it is one chain.
 */
public final class Dataflow {
  /**
   * What comes out. Text and speech of a conversation are in order each, and are identified by
   * (conversation, turn, sequence); records that belong to no answer have turn -1. A completed turn
   * follows all other records of its turn.
   */
  public record Outputs(
      DataStream<SpeechResponse> speech,
      DataStream<TextResponse> text,
      DataStream<CompletedTurn> completedTurns,
      DataStream<DeadLetter> deadLetters) {}

  private Dataflow() {}

  /**
   * @param in raw records of {@code audio-chunks}, in Kafka's order within a partition, typed
   *     {@link InboundRecord#TYPE}
   */
  public static Outputs build(
      StreamExecutionEnvironment environment,
      DataStream<InboundRecord> in,
      OperatorSettings settings) {
    // Messages are immutable: no defensive copies between chained operators.
    environment.getConfig().enableObjectReuse();

    // Behind the shuffle, in one chain with what uses the events: each record is decoded once.
    SingleOutputStreamOperator<InboundEvent> events =
        Routing.byConversation(in)
            .process(
                new DecodeFunction(settings.maximumRecordBytes()),
                new SerializedType<>(InboundEvent.class, new InboundEventSerializer()))
            .name("decode")
            .uid(OperatorUids.DECODE);
    // Keys by lambdas: references to the one method that all messages inherit would be taken
    // for the same one when the job is deserialised.
    SingleOutputStreamOperator<EncoderInput> turns =
        stage(
            Routing.keyed(events, InboundEvent::conversation),
            "conversation",
            OperatorUids.CONVERSATION,
            EncoderInput.TYPE,
            InputOperator.class,
            (parameters, common) ->
                new InputOperator(parameters, common, host -> new ModelTranscriber(host)::text),
            settings);
    SingleOutputStreamOperator<GroupingInput> frames =
        stage(
            Routing.keyed(turns, message -> message.conversation()),
            "speech tokenizer",
            OperatorUids.SPEECH_TOKENIZER,
            GroupingInput.TYPE,
            SpeechEncoderOperator.class,
            SpeechEncoderOperator::new,
            settings);
    SingleOutputStreamOperator<DialogueInput> groups =
        stage(
            Routing.keyed(frames, message -> message.conversation()),
            "grouping",
            OperatorUids.GROUPING,
            DialogueInput.TYPE,
            GroupingOperator.class,
            GroupingOperator::new,
            settings);
    SingleOutputStreamOperator<OutputMessage> answers =
        stage(
            Routing.keyed(groups, message -> message.conversation()),
            "response",
            OperatorUids.RESPONSE,
            OutputMessage.TYPE,
            DialogueOperator.class,
            DialogueOperator::new,
            settings);
    SingleOutputStreamOperator<SpeechResponse> speech =
        stage(
            Routing.keyed(answers, OutputMessage::conversation),
            "detokenizer",
            OperatorUids.DETOKENIZER,
            AvroSerializers.SPEECH,
            OutputOperator.class,
            OutputOperator::new,
            settings);
    return new Outputs(
        speech,
        speech.getSideOutput(OutputOperator.TEXT),
        speech.getSideOutput(OutputOperator.COMPLETED),
        events.getSideOutput(DeadLetters.TAG).union(turns.getSideOutput(DeadLetters.TAG)));
  }

  private static <I, O> SingleOutputStreamOperator<O> stage(
      KeyedStream<I, String> in,
      String name,
      String uid,
      TypeInformation<O> type,
      Class<? extends OneInputStreamOperator<I, O>> operator,
      KeyedOperatorFactory.Constructor<I, O> constructor,
      OperatorSettings settings) {
    return in.transform(name, type, new KeyedOperatorFactory<>(operator, constructor, settings))
        .name(name)
        .uid(uid);
  }
}
