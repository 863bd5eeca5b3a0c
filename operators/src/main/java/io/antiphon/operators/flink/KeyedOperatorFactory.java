package io.antiphon.operators.flink;

import io.antiphon.operators.settings.OperatorSettings;
import java.io.Serializable;
import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;

/** Makes one of the five operators on a TaskManager; chained to what stands before it. */
public final class KeyedOperatorFactory<I, O> extends AbstractStreamOperatorFactory<O>
    implements OneInputStreamOperatorFactory<I, O> {
  private static final long serialVersionUID = 1L;

  /** An operator's constructor. */
  @FunctionalInterface
  public interface Constructor<I, O> extends Serializable {
    OneInputStreamOperator<I, O> make(
        StreamOperatorParameters<O> parameters, OperatorSettings settings);
  }

  private final Class<? extends OneInputStreamOperator<I, O>> type;
  private final Constructor<I, O> constructor;
  private final OperatorSettings settings;

  public KeyedOperatorFactory(
      Class<? extends OneInputStreamOperator<I, O>> type,
      Constructor<I, O> constructor,
      OperatorSettings settings) {
    this.type = type;
    this.constructor = constructor;
    this.settings = settings;
  }

  @Override
  @SuppressWarnings("unchecked") // Flink asks for the type that it was told
  public <T extends StreamOperator<O>> T createStreamOperator(
      StreamOperatorParameters<O> parameters) {
    return (T) constructor.make(parameters, settings);
  }

  @Override
  @SuppressWarnings("rawtypes") // Flink's signature
  public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
    return type;
  }
}
