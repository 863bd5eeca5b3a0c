package io.antiphon.jobs;

import io.antiphon.jobs.configuration.AgentConfiguration;
import java.nio.file.Path;
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
    if (arguments.length != 2 || !arguments[0].equals("--config")) {
      throw new IllegalArgumentException(
          "the arguments are \"" + String.join(" ", arguments) + "\"; expected --config FILE");
    }
    AgentConfiguration configuration =
        AgentConfiguration.read(Optional.of(Path.of(arguments[1])), Map.of());
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();
    new AgentDataflow().define(environment, configuration);
    environment.execute("antiphon");
  }
}
