package io.antiphon.jobs;

import io.antiphon.jobs.configuration.AgentConfiguration;
import io.antiphon.jobs.local.LocalService;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** The product's dataflow on a cluster that reports to a test. */
abstract class ObservedDataflow implements LocalService.DataflowDefinition {
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
