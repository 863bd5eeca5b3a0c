package io.antiphon.benchmarks;

import io.antiphon.client.ConversationClient;
import io.antiphon.jobs.AgentDataflow;
import io.antiphon.jobs.configuration.AgentConfiguration;
import io.antiphon.local.LocalService;
import io.antiphon.runtime.ModelHost;
import io.antiphon.runtime.host.ModelHosts;

/**
 * Kafka, Flink and the model in this process, a client of it, and a reference to the model host
 * that the dataflow uses. Closed in reverse order.
 */
public record LocalDataflow(LocalService service, ModelHost host, ConversationClient client)
    implements AutoCloseable {
  public static LocalDataflow start(AgentConfiguration configuration) {
    LocalService service =
        LocalService.start(configuration, 0, new AgentDataflow(), (part, took) -> {});
    ModelHost host = ModelHosts.acquire(configuration.model().hostSettings());
    return new LocalDataflow(
        service,
        host,
        new ConversationClient(
            service.configuration().kafka().clientProperties(), service.configuration().topics()));
  }

  @Override
  public void close() {
    client.close();
    host.close();
    service.close();
  }
}
