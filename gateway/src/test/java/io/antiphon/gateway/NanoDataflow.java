package io.antiphon.gateway;

import io.antiphon.jobs.AgentDataflow;
import io.antiphon.jobs.configuration.AgentConfiguration;
import io.antiphon.local.LocalService;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Kafka, Flink and the shipped model in this process. */
public final class NanoDataflow implements AutoCloseable {
  private final LocalService service;

  public NanoDataflow(Map<String, String> settings) {
    Map<String, String> all = new java.util.LinkedHashMap<>(settings);
    all.put("model.bundle", Path.of("../models/nano").toString());
    all.put("model.admission.capacity", "1000000");
    AgentConfiguration configuration = AgentConfiguration.read(Optional.empty(), all);
    service = LocalService.start(configuration, 0, new AgentDataflow(), (part, took) -> {});
  }

  public String bootstrapServers() {
    return service.configuration().kafka().bootstrapServers();
  }

  @Override
  public void close() {
    service.close();
  }
}
