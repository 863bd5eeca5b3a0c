package io.antiphon.sql;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.IndexedRecord;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.data.GenericMapData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.types.logical.ArrayType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.LogicalTypeRoot;
import org.apache.flink.table.types.logical.MapType;
import org.apache.flink.table.types.logical.RowType;
import org.jspecify.annotations.Nullable;

/**
 * Makes a row of a record, column by column by name. Enums are text; a union of several branches is
 * JSON, and so is everything else that a column of type STRING is to hold.
 */
final class RowConverter {
  /** Makes the value of a column of a value that is not null. */
  private interface Converter {
    @Nullable Object convert(Object value);

    /** The same for a value that may be null, and stays so. */
    default @Nullable Object orNull(@Nullable Object value) {
      return value == null ? null : convert(value);
    }
  }

  private final int[] positions;
  private final Converter[] converters;

  RowConverter(Schema schema, RowType type) {
    List<RowType.RowField> columns = type.getFields();
    positions = new int[columns.size()];
    converters = new Converter[columns.size()];
    for (int i = 0; i < columns.size(); i++) {
      Schema.Field field = schema.getField(columns.get(i).getName());
      positions[i] = field == null ? -1 : field.pos();
      converters[i] = field == null ? value -> null : of(field.schema(), columns.get(i).getType());
    }
  }

  /** What keeps a table's columns from being filled from a record; empty if nothing does. */
  static List<String> problems(Schema schema, RowType type) {
    List<String> problems = new ArrayList<>();
    collect(schema, type, "", problems);
    return problems;
  }

  RowData row(IndexedRecord record) {
    GenericRowData row = new GenericRowData(positions.length);
    for (int i = 0; i < positions.length; i++) {
      row.setField(i, converters[i].orNull(positions[i] < 0 ? null : record.get(positions[i])));
    }
    return row;
  }

  private static void collect(Schema schema, RowType type, String path, List<String> problems) {
    for (RowType.RowField column : type.getFields()) {
      Schema.Field field = schema.getField(column.getName());
      String name = path + column.getName();
      if (field == null) {
        problems.add(
            "column "
                + name
                + " is none of the fields "
                + schema.getFields().stream().map(Schema.Field::name).toList());
      } else {
        check(field.schema(), column.getType(), name, problems);
      }
    }
  }

  private static void check(Schema schema, LogicalType type, String name, List<String> problems) {
    Schema value = withoutNull(schema);
    boolean fits =
        switch (type.getTypeRoot()) {
          case VARCHAR -> true;
          case BOOLEAN -> value.getType() == Schema.Type.BOOLEAN;
          case INTEGER -> value.getType() == Schema.Type.INT;
          case BIGINT -> value.getType() == Schema.Type.INT || value.getType() == Schema.Type.LONG;
          case FLOAT -> value.getType() == Schema.Type.FLOAT;
          case DOUBLE ->
              value.getType() == Schema.Type.FLOAT || value.getType() == Schema.Type.DOUBLE;
          case TIMESTAMP_WITHOUT_TIME_ZONE, TIMESTAMP_WITH_LOCAL_TIME_ZONE ->
              value.getLogicalType() instanceof LogicalTypes.TimestampMillis;
          case VARBINARY ->
              value.getType() == Schema.Type.BYTES || value.getType() == Schema.Type.FIXED;
          case ARRAY -> value.getType() == Schema.Type.ARRAY;
          case MAP -> value.getType() == Schema.Type.MAP;
          case ROW -> value.getType() == Schema.Type.RECORD;
          default -> false;
        };
    if (!fits) {
      problems.add(
          "column "
              + name
              + " is of type "
              + type.asSummaryString()
              + ", the field is "
              + (value.getLogicalType() == null
                  ? value.getType().getName()
                  : value.getLogicalType().getName()));
    } else if (type instanceof RowType row) {
      collect(value, row, name + ".", problems);
    } else if (type instanceof ArrayType array) {
      check(value.getElementType(), array.getElementType(), name + "[]", problems);
    } else if (type instanceof MapType map) {
      check(value.getValueType(), map.getValueType(), name + "{}", problems);
      if (map.getKeyType().getTypeRoot() != LogicalTypeRoot.VARCHAR) {
        problems.add("column " + name + " has keys that are no STRING");
      }
    }
  }

  private static Schema withoutNull(Schema schema) {
    if (schema.getType() != Schema.Type.UNION) {
      return schema;
    }
    List<Schema> branches =
        schema.getTypes().stream().filter(each -> each.getType() != Schema.Type.NULL).toList();
    return branches.size() == 1 ? branches.get(0) : schema;
  }

  private static Converter of(Schema schema, LogicalType type) {
    Schema value = withoutNull(schema);
    return switch (type.getTypeRoot()) {
      case VARCHAR -> text(value);
      case BIGINT -> number -> ((Number) number).longValue();
      case DOUBLE -> number -> ((Number) number).doubleValue();
      case TIMESTAMP_WITHOUT_TIME_ZONE, TIMESTAMP_WITH_LOCAL_TIME_ZONE ->
          millis -> TimestampData.fromEpochMillis((Long) millis);
      case VARBINARY -> RowConverter::bytes;
      case ARRAY -> array(of(value.getElementType(), ((ArrayType) type).getElementType()));
      case MAP -> map(of(value.getValueType(), ((MapType) type).getValueType()));
      case ROW -> {
        RowConverter row = new RowConverter(value, (RowType) type);
        yield record -> row.row((IndexedRecord) record);
      }
      default -> same -> same;
    };
  }

  private static Converter text(Schema schema) {
    return switch (schema.getType()) {
      case STRING, ENUM -> value -> StringData.fromString(value.toString());
      case UNION ->
          value -> {
            Schema branch = schema.getTypes().get(GenericData.get().resolveUnion(schema, value));
            return StringData.fromString(
                "{\"" + branch.getName() + "\": " + GenericData.get().toString(value) + "}");
          };
      default -> value -> StringData.fromString(GenericData.get().toString(value));
    };
  }

  private static Converter array(Converter element) {
    return value -> {
      List<Object> elements = new ArrayList<>();
      for (Object each : (Iterable<?>) value) {
        elements.add(element.orNull(each));
      }
      return new GenericArrayData(elements.toArray());
    };
  }

  private static Converter map(Converter element) {
    return value -> {
      Map<StringData, Object> entries = new HashMap<>();
      ((Map<?, ?>) value)
          .forEach(
              (key, each) ->
                  entries.put(StringData.fromString(key.toString()), element.orNull(each)));
      return new GenericMapData(entries);
    };
  }

  private static byte[] bytes(Object value) {
    if (value instanceof GenericFixed fixed) {
      return fixed.bytes();
    }
    ByteBuffer buffer = ((ByteBuffer) value).duplicate();
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }
}
