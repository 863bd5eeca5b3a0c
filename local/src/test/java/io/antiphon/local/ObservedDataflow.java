package io.antiphon.local;

import io.antiphon.jobs.AgentDataflow;
import io.antiphon.jobs.DataflowDefinition;
import io.antiphon.jobs.configuration.AgentConfiguration;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** The product's dataflow on a cluster that reports to a test. */
abstract class ObservedDataflow implements DataflowDefinition {
  private final AgentDataflow dataflow = new AgentDataflow();

  @Override
  public final void define(
      StreamExecutionEnvironment environment, AgentConfiguration configuration) {
    dataflow.define(environment, configuration);
  }

  @Override
  public final AutoCloseable load(AgentConfiguration configuration) {
    return dataflow.load(configuration);
  }

  /** The reporter's settings. */
  @Override
  public abstract Configuration cluster();
}
