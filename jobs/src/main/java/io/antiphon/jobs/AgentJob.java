package io.antiphon.jobs;

import io.antiphon.jobs.configuration.AgentConfiguration;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * The dataflow as an ordinary Flink job: {@code flink run antiphon-jobs.jar --config agent.yaml}.
 */
public final class AgentJob {
  private AgentJob() {}

  /**
   * @param arguments {@code --config FILE}
   * @throws io.antiphon.configuration.InvalidConfigurationException with every problem of the file
   */
  public static void main(String[] arguments) throws Exception {
    AgentConfiguration configuration =
        AgentConfiguration.read(Optional.of(JobArguments.configuration(arguments)), Map.of());
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();
    new AgentDataflow().define(environment, configuration);
    environment.execute("antiphon");
  }
}
