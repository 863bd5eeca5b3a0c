package io.antiphon.sql;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichFlatMapFunction;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.ProviderContext;
import org.apache.flink.table.connector.format.DecodingFormat;
import org.apache.flink.table.connector.source.DataStreamScanProvider;
import org.apache.flink.table.connector.source.DynamicTableSource;
import org.apache.flink.table.connector.source.ScanTableSource;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.factories.DeserializationFormatFactory;
import org.apache.flink.table.factories.DynamicTableFactory;
import org.apache.flink.table.factories.DynamicTableSourceFactory;
import org.apache.flink.table.factories.FactoryUtil;
import org.apache.flink.table.types.DataType;
import org.apache.flink.util.Collector;
import org.apache.flink.util.SimpleUserCodeClassLoader;
import org.apache.flink.util.UserCodeClassLoader;

/**
 * Stands in for the connector "kafka", so that the definitions run as they stand: a topic is a list
 * of values that a test has put here, and ends after the last of them.
 */
public final class TopicTableFactory implements DynamicTableSourceFactory {
  static final Map<String, List<byte[]>> TOPICS = new ConcurrentHashMap<>();

  private static final ConfigOption<String> TOPIC =
      ConfigOptions.key("topic").stringType().noDefaultValue();
  private static final ConfigOption<String> START =
      ConfigOptions.key("scan.startup.mode").stringType().noDefaultValue();

  @Override
  public String factoryIdentifier() {
    return "kafka";
  }

  @Override
  public Set<ConfigOption<?>> requiredOptions() {
    return Set.of(TOPIC, FactoryUtil.FORMAT);
  }

  @Override
  public Set<ConfigOption<?>> optionalOptions() {
    return new HashSet<>(List.of(START));
  }

  @Override
  public DynamicTableSource createDynamicTableSource(DynamicTableFactory.Context context) {
    FactoryUtil.TableFactoryHelper helper = FactoryUtil.createTableFactoryHelper(this, context);
    DecodingFormat<DeserializationSchema<RowData>> format =
        helper.discoverDecodingFormat(DeserializationFormatFactory.class, FactoryUtil.FORMAT);
    helper.validateExcept("properties.");
    return new TopicSource(
        helper.getOptions().get(TOPIC), format, context.getPhysicalRowDataType());
  }

  private record TopicSource(
      String topic, DecodingFormat<DeserializationSchema<RowData>> format, DataType type)
      implements ScanTableSource {
    @Override
    public ChangelogMode getChangelogMode() {
      return format.getChangelogMode();
    }

    @Override
    public ScanRuntimeProvider getScanRuntimeProvider(ScanContext context) {
      DeserializationSchema<RowData> schema = format.createRuntimeDecoder(context, type);
      return new DataStreamScanProvider() {
        @Override
        public DataStream<RowData> produceDataStream(
            ProviderContext provider, StreamExecutionEnvironment environment) {
          return environment
              .fromData(TOPICS.getOrDefault(topic, List.of()))
              .setParallelism(1)
              .flatMap(new Deserialize(schema))
              .setParallelism(1)
              .returns(schema.getProducedType());
        }

        @Override
        public boolean isBounded() {
          return true;
        }
      };
    }

    @Override
    public DynamicTableSource copy() {
      return this;
    }

    @Override
    public String asSummaryString() {
      return topic;
    }
  }

  private static final class Deserialize extends RichFlatMapFunction<byte[], RowData> {
    private static final long serialVersionUID = 1L;
    private final DeserializationSchema<RowData> schema;

    Deserialize(DeserializationSchema<RowData> schema) {
      this.schema = schema;
    }

    @Override
    public void open(OpenContext context) throws Exception {
      MetricGroup metrics = getRuntimeContext().getMetricGroup();
      schema.open(
          new DeserializationSchema.InitializationContext() {
            @Override
            public MetricGroup getMetricGroup() {
              return metrics;
            }

            @Override
            public UserCodeClassLoader getUserCodeClassLoader() {
              return SimpleUserCodeClassLoader.create(Deserialize.class.getClassLoader());
            }
          });
    }

    @Override
    public void flatMap(byte[] value, Collector<RowData> out) throws Exception {
      RowData row = schema.deserialize(value);
      if (row != null) {
        out.collect(row);
      }
    }
  }
}
