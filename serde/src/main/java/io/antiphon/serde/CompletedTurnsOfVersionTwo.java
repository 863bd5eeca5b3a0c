package io.antiphon.serde;

import io.antiphon.schemas.CompletedTurn;
import io.antiphon.schemas.ConversationFailed;
import io.antiphon.schemas.ToolCall;
import io.antiphon.schemas.TurnCompleted;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;

/**
 * Reads the completed turns of schema version 2, which had the answer in a record of its own and an
 * enum in place of a name. Avro alone would leave those fields out.
 */
final class CompletedTurnsOfVersionTwo implements RecordReader<CompletedTurn> {
  private static final String ANSWER = "answer";
  private static final String KIND = "questionKind";

  private final SpecificDatumReader<GenericRecord> reader;

  CompletedTurnsOfVersionTwo(Schema writer) {
    Schema own = CompletedTurn.getClassSchema();
    List<Schema.Field> fields = new ArrayList<>();
    for (Schema.Field field : writer.getFields()) {
      Schema.Field kept = own.getField(field.name());
      Schema read =
          field.name().equals(ANSWER)
              ? TurnCompleted.getClassSchema()
              : kept == null ? field.schema() : kept.schema();
      fields.add(new Schema.Field(field.name(), read));
    }
    reader =
        new SpecificDatumReader<>(
            writer,
            Schema.createRecord(
                CompletedTurnsOfVersionTwo.class.getSimpleName(),
                null,
                own.getNamespace(),
                false,
                fields),
            SpecificData.getForClass(CompletedTurn.class));
  }

  /** Whether a schema is that of such turns. */
  static boolean wrote(Schema writer) {
    return writer.getFullName().equals(CompletedTurn.getClassSchema().getFullName())
        && writer.getField(ANSWER) != null
        && writer.getField(KIND) != null;
  }

  @Override
  public CompletedTurn read(BinaryDecoder body) throws IOException {
    GenericRecord turn = reader.read(null, body);
    @SuppressWarnings("unchecked")
    List<ToolCall> toolCalls = (List<ToolCall>) turn.get("toolCalls");
    return TurnRecords.setAnswer(
            CompletedTurn.newBuilder()
                .setConversationId((String) turn.get("conversationId"))
                .setTenant((String) turn.get("tenant"))
                .setTurn((Integer) turn.get("turn"))
                .setTime((Instant) turn.get("time"))
                .setQuestionType(turn.get(KIND).toString())
                .setQuestion((String) turn.get("question"))
                .setToolCalls(toolCalls)
                .setFailure((ConversationFailed) turn.get("failure")),
            (TurnCompleted) turn.get(ANSWER))
        .build();
  }
}
