package io.antiphon.benchmarks.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What one benchmark found: ratios, tables of figures, and what they were measured with. */
public final class Report {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * @param target null where there is none
   */
  private record Ratio(String name, double value, @Nullable Target target) {}

  private final String name;
  private final Map<String, Object> settings = new LinkedHashMap<>();
  private final List<Ratio> ratios = new ArrayList<>();
  private final Map<String, List<Map<String, Object>>> tables = new LinkedHashMap<>();
  private final Map<String, Object> attached = new LinkedHashMap<>();
  private final List<String> notes = new ArrayList<>();

  public Report(String name) {
    this.name = name;
  }

  public Report setting(String key, Object value) {
    settings.put(key, value);
    return this;
  }

  public Report ratio(String ratio, double value) {
    return ratio(ratio, value, null);
  }

  public Report ratio(String ratio, double value, @Nullable Target target) {
    ratios.add(new Ratio(ratio, value, target));
    return this;
  }

  /** Adds a row to a table; its columns are those of the table's first row. */
  public Report row(String table, Map<String, Object> row) {
    tables.computeIfAbsent(table, key -> new ArrayList<>()).add(row);
    return this;
  }

  /** What a reader has to know of the figures. */
  public Report note(String text) {
    notes.add(text);
    return this;
  }

  /** Alternating names and values in their order. */
  public static Map<String, Object> row(@Nullable Object... namesAndValues) {
    Map<String, Object> row = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      row.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return row;
  }

  /** Prints it, ratios first. */
  public void print(PrintWriter out) {
    for (Ratio ratio : ratios) {
      String target =
          ratio.target() == null
              ? ""
              : "   (expected "
                  + ratio.target()
                  + (ratio.target().met(ratio.value()) ? ")" : "; MISSED)");
      out.println(pad(number(ratio.value()), 10, true) + "  " + ratio.name() + target);
    }
    tables.forEach((title, rows) -> print(title, rows, out));
    notes.forEach(note -> out.println("\n" + note));
    out.flush();
  }

  private static void print(String title, List<Map<String, Object>> rows, PrintWriter out) {
    out.println();
    out.println(title);
    List<String> columns = List.copyOf(rows.get(0).keySet());
    int[] widths = columns.stream().mapToInt(String::length).toArray();
    List<List<String>> cells = new ArrayList<>();
    for (Map<String, Object> row : rows) {
      List<String> line = columns.stream().map(column -> text(row.get(column))).toList();
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], line.get(i).length());
      }
      cells.add(line);
    }
    print(columns, widths, out);
    cells.forEach(line -> print(line, widths, out));
  }

  private static void print(List<String> cells, int[] widths, PrintWriter out) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      line.append("  ").append(pad(cells.get(i), widths[i], i > 0));
    }
    out.println(line.toString().stripTrailing());
  }

  private static String pad(String text, int width, boolean right) {
    String space = " ".repeat(Math.max(0, width - text.length()));
    return right ? space + text : text + space;
  }

  private static String text(@Nullable Object value) {
    if (value == null) {
      return "";
    }
    return value instanceof Double || value instanceof Float
        ? number(((Number) value).doubleValue())
        : value.toString();
  }

  /** Three significant digits, no exponent for everyday figures. */
  public static String number(double value) {
    if (value == Math.rint(value) && Math.abs(value) < 1e7) {
      return Long.toString((long) value);
    }
    double size = Math.abs(value);
    int decimals = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
    return String.format(Locale.ROOT, "%." + decimals + "f", value);
  }

  /** Something for programs that read the JSON, under a name of its own; not printed. */
  public Report attach(String part, Object value) {
    attached.put(part, value);
    return this;
  }

  /** All of it with machine and revision. */
  public ObjectNode json(MachineInfo machine, String revision) {
    ObjectNode root = JSON.createObjectNode();
    root.put("benchmark", name);
    root.put("revision", revision);
    root.set("machine", JSON.valueToTree(machine.figures()));
    root.set("settings", JSON.valueToTree(settings));
    ArrayNode list = root.putArray("ratios");
    for (Ratio ratio : ratios) {
      ObjectNode node = list.addObject();
      node.put("name", ratio.name()).put("value", ratio.value());
      if (ratio.target() != null) {
        node.put("expected", ratio.target().toString());
        node.put("met", ratio.target().met(ratio.value()));
      }
    }
    attached.forEach((part, value) -> root.set(part, JSON.valueToTree(value)));
    root.set("figures", JSON.valueToTree(tables));
    root.set("notes", JSON.valueToTree(notes));
    return root;
  }

  public void write(Path file, MachineInfo machine, String revision) throws IOException {
    Files.writeString(file, json(machine, revision).toPrettyString() + "\n");
  }
}
