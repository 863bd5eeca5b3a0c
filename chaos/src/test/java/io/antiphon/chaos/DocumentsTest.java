package io.antiphon.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.configuration.SettingsReference;
import io.antiphon.gateway.configuration.GatewayConfiguration;
import io.antiphon.jobs.configuration.AgentConfiguration;
import io.antiphon.jobs.configuration.CallAnalyticsConfiguration;
import io.antiphon.jobs.configuration.CallReplayConfiguration;
import io.antiphon.jobs.configuration.FeedbackConfiguration;
import io.antiphon.jobs.configuration.RecordingsConfiguration;
import io.antiphon.jobs.configuration.TranscriptionConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The documents keep the house's width, lead somewhere and say what the code says. */
class DocumentsTest {
  private static final Path ROOT = Path.of("..");
  private static final int WIDTH = 160;
  private static final List<String> BUILT = List.of("target", ".git", "node_modules", ".venv");
  private static final Path ERRORS = ROOT.resolve("docs/errors.md");
  private static final Path CONFIGURATION = ROOT.resolve("docs/configuration.md");
  private static final String FIRST_TABLE = "## The agent job: `agent.yaml`\n\n";
  private static final Pattern CODE =
      Pattern.compile(
          "/\\*\\*((?:(?!\\*/).)*)\\*/\\s*public static final String \\w+ =\\s*\"([a-z-]+)\";",
          Pattern.DOTALL);
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:\\s]+)(#[^)]*)?\\)");

  @Test
  void proseIsNotWiderThanTheScreen() throws IOException {
    List<String> wide = new ArrayList<>();
    for (Path document : documents()) {
      boolean code = false;
      int number = 0;
      for (String line : Files.readAllLines(document)) {
        number++;
        String text = line.stripLeading();
        if (text.startsWith("```")) {
          code = !code;
        } else if (!code && !text.startsWith("|") && line.length() > WIDTH) {
          wide.add(document + ":" + number + " has " + line.length() + " columns");
        }
      }
    }
    assertThat(wide).as("prose wider than " + WIDTH + " columns").isEmpty();
  }

  @Test
  void linksLeadToFiles() throws IOException {
    List<String> dead = new ArrayList<>();
    for (Path document : documents()) {
      Matcher link = LINK.matcher(Files.readString(document));
      while (link.find()) {
        if (!Files.exists(document.resolveSibling(link.group(1)))) {
          dead.add(document + " links to " + link.group(1));
        }
      }
    }
    assertThat(dead).isEmpty();
  }

  @Test
  void everyErrorCodeIsExplained() throws IOException {
    Map<String, String> codes = new TreeMap<>();
    collect("operators/src/main/java/io/antiphon/operators/message/FailureCodes.java", "", codes);
    collect(
        "serde/src/main/java/io/antiphon/serde/RecordDecodingException.java",
        "Dead letter: ",
        codes);
    StringBuilder table = new StringBuilder("| code | meaning |\n|---|---|\n");
    codes.forEach(
        (code, meaning) ->
            table.append("| `").append(code).append("` | ").append(meaning).append(" |\n"));
    String page = Files.readString(ERRORS);
    if (Boolean.getBoolean("antiphon.documents.write")) {
      page = page.substring(0, page.indexOf("| code |")) + table;
      Files.writeString(ERRORS, page);
    }
    assertThat(codes).hasSizeGreaterThan(20);
    assertThat(page).endsWith(table.toString());
  }

  @Test
  void everySettingIsExplained() throws IOException {
    StringBuilder tables = new StringBuilder(FIRST_TABLE);
    tables.append(table("agent.yaml", AgentConfiguration.class));
    tables.append("\n## The feedback job: `feedback.yaml`\n\n");
    tables.append(table("feedback.yaml", FeedbackConfiguration.class));
    tables.append("\n## Call analytics: `call-analytics.yaml`\n\n");
    tables.append(table("call-analytics.yaml", CallAnalyticsConfiguration.class));
    tables.append("\n## Call analytics over recordings: `recordings.yaml`\n\n");
    tables.append(table("recordings.yaml", RecordingsConfiguration.class));
    tables.append("\n## Real-time transcription: `transcription.yaml`\n\n");
    tables.append(table("transcription.yaml", TranscriptionConfiguration.class));
    tables.append("\n## Calls judged by other rules: `call-replay.yaml`\n\n");
    tables.append(table("call-replay.yaml", CallReplayConfiguration.class));
    tables.append("\n## The gateway: `gateway.yaml`\n\n");
    tables.append(table("gateway.yaml", GatewayConfiguration.class));
    String page = Files.readString(CONFIGURATION);
    if (Boolean.getBoolean("antiphon.documents.write")) {
      int begin = page.indexOf(FIRST_TABLE);
      page = (begin < 0 ? page : page.substring(0, begin)) + tables;
      Files.writeString(CONFIGURATION, page);
    }
    assertThat(page).endsWith(tables.toString());
    assertThat(page).contains("`model.rows`", "`telephones.trunks.NAME.idleTimeout`");
  }

  private static String table(String defaults, Class<? extends Record> type) {
    StringBuilder table =
        new StringBuilder("| setting | default | expected | meaning |\n|---|---|---|---|\n");
    for (SettingsReference.Setting setting : SettingsReference.of(type, defaults)) {
      table.append("| `").append(setting.name()).append("` | ");
      table.append(setting.value().isEmpty() ? "" : "`" + setting.value() + "`").append(" | ");
      table.append(setting.expectation().replaceAll(" such as .*", "")).append(" | ");
      table.append(setting.meaning().replace("|", "\\|").replace("<", "\\<")).append(" |\n");
    }
    return table.toString();
  }

  private static void collect(String source, String prefix, Map<String, String> codes)
      throws IOException {
    Matcher code = CODE.matcher(Files.readString(ROOT.resolve(source)));
    while (code.find()) {
      String meaning = code.group(1).replaceAll("\\s*\\n\\s*\\* ?", " ").strip();
      codes.put(
          code.group(2),
          prefix.isEmpty()
              ? meaning
              : prefix + Character.toLowerCase(meaning.charAt(0)) + meaning.substring(1));
    }
  }

  private static List<Path> documents() throws IOException {
    try (Stream<Path> files = Files.walk(ROOT)) {
      return files
          .filter(file -> file.toString().endsWith(".md"))
          .filter(
              file -> {
                if (file.endsWith("training/antiphon/evaluate/card.md")) {
                  return false; // a template, whose links hold where it is filled in
                }
                for (Path part : file) {
                  if (BUILT.contains(part.toString())) {
                    return false;
                  }
                }
                return true;
              })
          .toList();
    }
  }
}
