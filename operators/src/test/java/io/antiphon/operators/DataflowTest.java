package io.antiphon.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.antiphon.configuration.ConfigurationException;
import io.antiphon.operators.input.RoutingKey;
import io.antiphon.operators.message.InboundRecord;
import io.antiphon.operators.settings.ModelHostProvider;
import io.antiphon.operators.settings.OperatorSettings;
import io.antiphon.runtime.ModelHostSettings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.functions.Function;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobgraph.JobVertex;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.InstantiationUtil;
import org.junit.jupiter.api.Test;

/** The dataflow's shape and settings. */
class DataflowTest {
  @Test
  void oneShuffleAndOneChainBehindIt() throws Exception {
    StreamExecutionEnvironment environment =
        StreamExecutionEnvironment.getExecutionEnvironment().setParallelism(2);
    DataStream<InboundRecord> in =
        environment.fromData(
            InboundRecord.TYPE, new InboundRecord("audio-chunks", 0, 0, 0, null, null));
    OperatorSettings settings =
        OperatorSettings.defaults(
            ModelHostProvider.of(ModelHostSettings.defaults(Path.of("bundle"))));
    Dataflow.Outputs outputs = Dataflow.build(environment, in, settings);
    outputs.speech().sinkTo(new DiscardingSink<>());
    outputs.text().sinkTo(new DiscardingSink<>());
    outputs.deadLetters().sinkTo(new DiscardingSink<>());

    JobGraph graph = environment.getStreamGraph().getJobGraph();
    List<String> chains = new ArrayList<>();
    for (JobVertex vertex : graph.getVerticesSortedTopologicallyFromSources()) {
      chains.add(vertex.getName());
    }
    assertThat(chains)
        .filteredOn(chain -> chain.contains("conversation"))
        .singleElement()
        .asString()
        .contains("decode", "speech tokenizer", "grouping", "response", "detokenizer");
    assertThat(chains).filteredOn(chain -> chain.contains("decode")).hasSize(1);
  }

  @Test
  void recordsGoByTheirKeysAndThoseWithoutOneAreSpread() throws Exception {
    RoutingKey routing = new RoutingKey();
    byte[] key = "grüß".getBytes(StandardCharsets.UTF_8);
    assertThat(routing.getKey(new InboundRecord("audio-chunks", 0, 5, 0, key, null)))
        .isEqualTo("grüß");
    for (byte[] unusable : new byte[][] {null, {}, {(byte) 0xff}}) {
      assertThat(routing.getKey(new InboundRecord("audio-chunks", 0, 5, 0, unusable, null)))
          .isNotEqualTo(routing.getKey(new InboundRecord("audio-chunks", 0, 6, 0, unusable, null)));
    }
  }

  @Test
  void theWayToTheHostTravels() throws Exception {
    ModelHostProvider provider =
        ModelHostProvider.of(ModelHostSettings.defaults(Path.of("bundle")));
    ModelHostProvider arrived =
        InstantiationUtil.deserializeObject(
            InstantiationUtil.serializeObject(provider), getClass().getClassLoader());
    assertThat(arrived).isNotNull().isNotInstanceOf(Function.class);
  }

  @Test
  void wrongSettingsAreToldAllAtOnce() {
    assertThatThrownBy(
            () ->
                new OperatorSettings(
                    () -> null,
                    1,
                    0,
                    Duration.ZERO,
                    Duration.ZERO,
                    Duration.ofDays(1),
                    0,
                    Duration.ofSeconds(6),
                    Duration.ofSeconds(-1),
                    0))
        .isInstanceOfSatisfying(
            ConfigurationException.class,
            refused ->
                assertThat(refused.problems())
                    .hasSize(9)
                    .anySatisfy(
                        problem ->
                            assertThat(problem)
                                .isEqualTo("maximumRecordBytes is 1, expected 1024 to 268435456")));
  }
}
