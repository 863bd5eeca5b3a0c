package io.antiphon.operators.calls;

import io.antiphon.operators.settings.OperatorSettings;
import io.antiphon.runtime.ModelHost;
import java.io.Serializable;

/**
 * How calls are listened to.
 *
 * @param operators host, order of records and limits; {@code maximumPendingWork} is how many
 *     utterances of a subtask may be at the model before further sound waits, {@code idleTimeout}
 *     after what time without a record a call is over
 * @param transcriber what writes utterances down
 */
public record CallSettings(OperatorSettings operators, TranscriberFactory transcriber)
    implements Serializable {
  /** Makes the transcriber of a TaskManager's host. */
  @FunctionalInterface
  public interface TranscriberFactory extends Serializable {
    Transcriber of(ModelHost host);
  }

  /** With the bundle's own transcription. */
  public static CallSettings of(OperatorSettings operators) {
    return new CallSettings(operators, ModelTranscriber::new);
  }
}
