package io.antiphon.operators.state;

import io.antiphon.schemas.CallEvent;
import io.antiphon.schemas.CallMetrics;
import io.antiphon.schemas.CallSegment;
import io.antiphon.schemas.CallSummary;
import io.antiphon.schemas.CompletedTurn;
import io.antiphon.schemas.DeadLetter;
import io.antiphon.schemas.PreferencePair;
import io.antiphon.schemas.SpeechResponse;
import io.antiphon.schemas.TextResponse;
import io.antiphon.serde.RecordDecodingException;
import io.antiphon.serde.Records;
import java.io.IOException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Flink types of the records that leave the dataflow; in bytes they are what stands in Kafka. */
public final class AvroSerializers {
  public static final TypeInformation<SpeechResponse> SPEECH =
      new SerializedType<>(SpeechResponse.class, new Speech());
  public static final TypeInformation<TextResponse> TEXT =
      new SerializedType<>(TextResponse.class, new Text());
  public static final TypeInformation<CompletedTurn> COMPLETED_TURN =
      new SerializedType<>(CompletedTurn.class, new Completed());
  public static final TypeInformation<DeadLetter> DEAD_LETTER =
      new SerializedType<>(DeadLetter.class, new Dead());
  public static final TypeInformation<CallSegment> CALL_SEGMENT =
      new SerializedType<>(CallSegment.class, new Segment());
  public static final TypeInformation<CallEvent> CALL_EVENT =
      new SerializedType<>(CallEvent.class, new Event());
  public static final TypeInformation<CallMetrics> CALL_METRICS =
      new SerializedType<>(CallMetrics.class, new Metrics());
  public static final TypeInformation<CallSummary> CALL_SUMMARY =
      new SerializedType<>(CallSummary.class, new Summary());
  public static final TypeInformation<PreferencePair> PREFERENCE_PAIR =
      new SerializedType<>(PreferencePair.class, new Pair());

  private AvroSerializers() {}

  /** Serialiser of {@link SpeechResponse}. */
  public static final class Speech extends OfRecord<SpeechResponse> {
    public Speech() {
      super("speech-response", SpeechResponse.class);
    }
  }

  /** Serialiser of {@link TextResponse}. */
  public static final class Text extends OfRecord<TextResponse> {
    public Text() {
      super("text-response", TextResponse.class);
    }
  }

  /** Serialiser of {@link CompletedTurn}. */
  public static final class Completed extends OfRecord<CompletedTurn> {
    public Completed() {
      super("completed-turn", CompletedTurn.class);
    }
  }

  /** Serialiser of {@link DeadLetter}. */
  public static final class Dead extends OfRecord<DeadLetter> {
    public Dead() {
      super("dead-letter", DeadLetter.class);
    }
  }

  /** Serialiser of {@link PreferencePair}. */
  public static final class Pair extends OfRecord<PreferencePair> {
    public Pair() {
      super("preference-pair", PreferencePair.class);
    }
  }

  /** Serialiser of {@link CallSegment}. */
  public static final class Segment extends OfRecord<CallSegment> {
    public Segment() {
      super("call-segment", CallSegment.class);
    }
  }

  /** Serialiser of {@link CallEvent}. */
  public static final class Event extends OfRecord<CallEvent> {
    public Event() {
      super("call-event", CallEvent.class);
    }
  }

  /** Serialiser of {@link CallMetrics}. */
  public static final class Metrics extends OfRecord<CallMetrics> {
    public Metrics() {
      super("call-metrics", CallMetrics.class);
    }
  }

  /** Serialiser of {@link CallSummary}. */
  public static final class Summary extends OfRecord<CallSummary> {
    public Summary() {
      super("call-summary", CallSummary.class);
    }
  }

  private abstract static class OfRecord<T extends SpecificRecord> extends VersionedSerializer<T> {
    private final String typeId;
    private final Class<T> type;

    OfRecord(String typeId, Class<T> type) {
      this.typeId = typeId;
      this.type = type;
    }

    @Override
    public String typeId() {
      return typeId;
    }

    @Override
    public int version() {
      return 1;
    }

    @Override
    public void write(T value, DataOutputView out) throws IOException {
      StateEncoding.writeBytes(Records.encode(value, Integer.MAX_VALUE), out);
    }

    @Override
    public T read(int version, DataInputView in) throws IOException {
      try {
        return Records.decode(type, StateEncoding.readBytes(in), Integer.MAX_VALUE);
      } catch (RecordDecodingException e) {
        throw new IOException(e);
      }
    }
  }
}
