package io.antiphon.sql;

import io.antiphon.schemas.ReleasedSchemas;
import java.util.List;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.format.DecodingFormat;
import org.apache.flink.table.connector.source.DynamicTableSource;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.factories.DeserializationFormatFactory;
import org.apache.flink.table.factories.DynamicTableFactory;
import org.apache.flink.table.factories.FactoryUtil;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.logical.RowType;

/**
 * Reads values in Avro single-object encoding: the header names the schema that wrote a value, and
 * columns are filled by name. A column that the writer did not have is null.
 */
public final class SingleObjectFormatFactory implements DeserializationFormatFactory {
  /** What a table's definition calls the format. */
  public static final String IDENTIFIER = "avro-single-object";

  static final ConfigOption<String> RECORD =
      ConfigOptions.key("record")
          .stringType()
          .noDefaultValue()
          .withDescription("Name of the record on the topic, for example CallSummary.");

  static final ConfigOption<Boolean> SKIP_UNREADABLE =
      ConfigOptions.key("skip-unreadable")
          .booleanType()
          .defaultValue(false)
          .withDescription(
              "Whether values that cannot be read are skipped and counted (metric"
                  + " unreadableValues) instead of failing the query.");

  @Override
  public String factoryIdentifier() {
    return IDENTIFIER;
  }

  @Override
  public Set<ConfigOption<?>> requiredOptions() {
    return Set.of(RECORD);
  }

  @Override
  public Set<ConfigOption<?>> optionalOptions() {
    return Set.of(SKIP_UNREADABLE);
  }

  @Override
  public DecodingFormat<DeserializationSchema<RowData>> createDecodingFormat(
      DynamicTableFactory.Context context, ReadableConfig options) {
    FactoryUtil.validateFactoryOptions(this, options);
    String record = options.get(RECORD);
    boolean skip = options.get(SKIP_UNREADABLE);
    String fullName = record.contains(".") ? record : "io.antiphon.schemas." + record;
    List<Schema> released = ReleasedSchemas.of(fullName);
    if (released.isEmpty()) {
      throw new ValidationException(
          "'"
              + IDENTIFIER
              + ".record' is '"
              + record
              + "', expected one of "
              + ReleasedSchemas.current().stream().map(Schema::getName).sorted().toList());
    }
    return new DecodingFormat<>() {
      @Override
      public DeserializationSchema<RowData> createRuntimeDecoder(
          DynamicTableSource.Context tables, DataType type) {
        RowType row = (RowType) type.getLogicalType();
        List<String> problems = RowConverter.problems(released.get(released.size() - 1), row);
        if (!problems.isEmpty()) {
          throw new ValidationException(
              "the table does not fit the record " + record + ":\n" + String.join("\n", problems));
        }
        return new SingleObjectDeserializer(
            fullName, row, tables.createTypeInformation(type), skip);
      }

      @Override
      public ChangelogMode getChangelogMode() {
        return ChangelogMode.insertOnly();
      }
    };
  }
}
