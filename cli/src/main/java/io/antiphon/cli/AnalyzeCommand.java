package io.antiphon.cli;

import io.antiphon.analytics.calls.CallJson;
import io.antiphon.analytics.calls.CallSummary;
import io.antiphon.analytics.calls.TextSource;
import io.antiphon.analytics.rules.RuleSet;
import io.antiphon.analytics.rules.RuleSetException;
import io.antiphon.analytics.rules.RuleSetReader;
import io.antiphon.analytics.speech.ChannelCheck.Finding;
import io.antiphon.operators.calls.ModelSummarizer;
import io.antiphon.operators.calls.Summarizer;
import io.antiphon.runtime.ModelHost;
import io.antiphon.runtime.ModelHostSettings;
import io.antiphon.runtime.host.ModelHosts;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Call analytics over recordings. */
@Command(
    name = "analyze",
    description = {
      "Analyses recordings of calls, one party on each channel: who talked, interrupted and waited, what was said, which",
      "categories fit. Writes DIR/CALL.json, DIR/CALL.wav with personal data silenced, and DIR/index.html with each call drawn.",
      "A recording that cannot be read is named, and the others go on. Exit code 0 only if all were analysed."
    },
    mixinStandardHelpOptions = true)
final class AnalyzeCommand implements Callable<Integer> {
  @Mixin private ServiceOptions service;

  @Parameters(
      arity = "1..*",
      paramLabel = "RECORDING",
      description = "WAV, FLAC, Ogg Opus; others through ffmpeg if it is on the path.")
  private List<Path> recordings;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "Folder of the results; made if missing.")
  private Path out;

  @Option(
      names = "--channels",
      paramLabel = "ROLE=SIDE",
      split = ",",
      description = "Who is heard on which channel; agent=left,caller=right if not given.")
  private Map<String, String> channels =
      new LinkedHashMap<>(Map.of("agent", "left", "caller", "right"));

  @Option(
      names = "--rules",
      paramLabel = "FILE",
      description = "Categories as JSON, see docs/analytics.md; none if not given.")
  private @Nullable Path rules;

  @Option(
      names = "--summary",
      paramLabel = "WRITER",
      description = {
        "What writes a call's summary: template (of its figures), the default, or model (the bundle's shared LLM, of the",
        "redacted transcript; what it quotes must have been said, or the template writes)."
      })
  private TextSource summary = TextSource.TEMPLATE;

  @Option(
      names = "--parallelism",
      paramLabel = "N",
      description = "Calls at once; the number of cores if not given.")
  private int parallelism = Runtime.getRuntime().availableProcessors();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    if (parallelism < 1 || parallelism > 256) {
      throw new InputException("--parallelism is " + parallelism + "; expected 1 to 256");
    }
    ChannelRoles roles = ChannelRoles.of(channels);
    RuleSet ruleSet = readRules();
    List<CallRecording> calls = calls();
    createFolder();
    PrintWriter progress = spec.commandLine().getErr();
    try (ModelHost host =
        ModelHosts.acquire(service.modelHost().withParts(ModelHostSettings.Parts.TEXT))) {
      Summarizer summarizer = summary == TextSource.MODEL ? new ModelSummarizer(host) : null;
      return run(calls, call -> call.analyse(host, roles, ruleSet, summarizer), progress);
    }
  }

  /** Listens to a recording; any thread. */
  @FunctionalInterface
  private interface Listener {
    CallRecording.Analysed listen(CallRecording call) throws IOException;
  }

  private int run(List<CallRecording> calls, Listener listener, PrintWriter progress)
      throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(Math.min(parallelism, calls.size()));
    AnalysisProgress told = new AnalysisProgress(calls.size(), progress);
    CallPage page = new CallPage();
    try {
      List<Future<CallSummary>> results = new ArrayList<>();
      for (CallRecording call : calls) {
        results.add(threads.submit(() -> analyse(call, listener, told)));
      }
      // In the order of the command line, whichever is ready first.
      for (int i = 0; i < calls.size(); i++) {
        try {
          page.add(results.get(i).get());
        } catch (ExecutionException e) {
          if (!(e.getCause() instanceof IOException)) {
            throw e;
          }
          told.failed(calls.get(i).file(), e.getCause());
        }
      }
    } finally {
      threads.shutdownNow();
    }
    Path index = out.resolve("index.html");
    Files.writeString(index, page.html());
    told.finished(index);
    return told.failures() == 0 ? 0 : CommandRunner.FAILED;
  }

  private CallSummary analyse(CallRecording call, Listener listener, AnalysisProgress told)
      throws IOException {
    CallRecording.Analysed analysed = listener.listen(call);
    CallSummary found = analysed.summary();
    call.writeRedacted(found, out.resolve(call.name() + ".wav"));
    Files.writeString(out.resolve(call.name() + ".json"), CallJson.write(found));
    List<String> notes = new ArrayList<>(analysed.notes());
    found
        .participants()
        .forEach(
            each ->
                each.findings()
                    .forEach(finding -> notes.add(explained(finding, each.figures().channel()))));
    if (found.rolesSeemSwapped()) {
      notes.add("its roles seem to be swapped: the customer says what agents say; see --channels");
    }
    told.analysed(call.file(), analysed.seconds(), notes);
    return found;
  }

  private static String explained(Finding finding, int channel) {
    return switch (finding) {
      case SILENT -> "channel " + (channel + 1) + " is silent";
      case IDENTICAL ->
          "channel " + (channel + 1) + " holds the sound of the other one: who speaks is not known";
      case MONO -> "one channel: overtalk, interruptions and talk by participant cannot be known";
    };
  }

  private List<CallRecording> calls() {
    Map<String, CallRecording> calls = new LinkedHashMap<>();
    for (Path file : recordings) {
      Path last = file.getFileName();
      if (last == null) {
        throw new InputException(file + " is no recording; expected a file");
      }
      String name = last.toString().replaceFirst("(?<=.)\\.[^.]*$", "");
      CallRecording other = calls.put(name, new CallRecording(name, file));
      if (other != null) {
        throw new InputException(
            other.file()
                + " and "
                + file
                + " would both be written to "
                + name
                + ".json; expected each name once");
      }
      Path redacted = out.resolve(name + ".wav").toAbsolutePath().normalize();
      if (redacted.equals(file.toAbsolutePath().normalize())) {
        throw new InputException(
            "--out is "
                + out
                + ", where "
                + file
                + " lies, which would be overwritten; expected another folder");
      }
    }
    return List.copyOf(calls.values());
  }

  private RuleSet readRules() {
    if (rules == null) {
      return RuleSet.NONE;
    }
    try {
      return RuleSetReader.read(Files.readString(rules));
    } catch (IOException e) {
      throw new InputException("--rules: " + rules + " cannot be read (" + e + ")", e);
    } catch (RuleSetException e) {
      throw new InputException("--rules: " + rules + " cannot be used:\n" + e.getMessage(), e);
    }
  }

  private void createFolder() {
    try {
      Files.createDirectories(out);
      OutputFiles.requireRoom(out, "--out");
    } catch (IOException e) {
      throw new InputException(
          "--out: " + out + " cannot be made (" + e + "); expected a folder that can be written to",
          e);
    }
  }

  /** Tells how far the work is; thread safe. */
  private static final class AnalysisProgress {
    private final int calls;
    private final PrintWriter progress;
    private final long begin = System.nanoTime();
    private int done;
    private int failed;
    private double seconds;

    AnalysisProgress(int calls, PrintWriter progress) {
      this.calls = calls;
      this.progress = progress;
    }

    synchronized void analysed(Path file, double length, List<String> notes) {
      done++;
      seconds += length;
      notes.forEach(note -> progress.println(file + ": " + note));
      progress.println(
          String.format(
              Locale.ROOT,
              "  %d of %d calls, %.2f hours of recordings, %.1f hours per hour",
              done,
              calls,
              seconds / 3600,
              speed()));
      progress.flush();
    }

    synchronized void failed(Path file, Throwable error) {
      failed++;
      String message = String.valueOf(error.getMessage());
      progress.println(message.contains(file.toString()) ? message : file + ": " + message);
      progress.flush();
    }

    synchronized int failures() {
      return failed;
    }

    synchronized void finished(Path index) {
      progress.println(
          String.format(
              Locale.ROOT,
              "%d calls analysed, %d failed, %.1f x real time; see %s",
              done,
              failed,
              speed(),
              index));
      progress.flush();
    }

    private double speed() {
      return seconds / ((System.nanoTime() - begin) / 1e9);
    }
  }
}
