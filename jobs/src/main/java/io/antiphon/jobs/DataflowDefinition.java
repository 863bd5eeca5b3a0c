package io.antiphon.jobs;

import io.antiphon.jobs.configuration.AgentConfiguration;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** A dataflow from and to the configured topics, which a runner puts into its environment. */
public interface DataflowDefinition {
  void define(StreamExecutionEnvironment environment, AgentConfiguration configuration);

  /**
   * Loads what the dataflow will share, beside the start of broker and cluster; held until the
   * service is closed.
   */
  default AutoCloseable load(AgentConfiguration configuration) {
    return () -> {};
  }

  /** Settings of the Flink cluster over its own, such as metric reporters. */
  default Configuration cluster() {
    return new Configuration();
  }
}
