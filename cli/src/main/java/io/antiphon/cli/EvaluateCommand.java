package io.antiphon.cli;

import io.antiphon.client.ConversationClient;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Many recordings through the same dataflow. */
@Command(
    name = "evaluate",
    description = {
      "Sends the recordings of a manifest through the dataflow, several conversations at once,",
      "and writes one line of JSON each to DIR/results.jsonl and the spoken answers to DIR/speech.",
      "A manifest line: {\"id\", \"audio\": path beside the manifest or one per turn, \"mode\"?, \"instructions\"?, \"tools\"?,",
      "\"result\"?: what a called tool answers, or an array of a text or null for each turn}.",
      "Exit code 0 only if every conversation was answered."
    },
    mixinStandardHelpOptions = true)
final class EvaluateCommand implements Callable<Integer> {
  @Mixin private BrokerOptions broker;

  @Parameters(index = "0", paramLabel = "MANIFEST.jsonl", description = "The conversations.")
  private Path manifest;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "Folder of the results; made if missing.")
  private Path out;

  @Option(
      names = "--concurrency",
      paramLabel = "N",
      description = "Conversations at once; ${DEFAULT-VALUE} if not given.",
      defaultValue = "8")
  private int concurrency;

  @Option(
      names = "--no-transcripts",
      description = "Do not ask what was understood of the caller's turns.")
  private boolean withoutTranscripts;

  @Option(
      names = "--real-time",
      description = "Send recordings as a microphone would, not as fast as possible.")
  private boolean realTime;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description =
          "How long nothing may come in a conversation before it has failed; ${DEFAULT-VALUE} if not given.",
      defaultValue = "120")
  private int timeout;

  @Option(names = "--json", description = "Print a summary as one JSON object.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    if (concurrency < 1 || concurrency > 1000) {
      throw new InputException("--concurrency is " + concurrency + "; expected 1 to 1000");
    }
    if (timeout < 1) {
      throw new InputException("--timeout is " + timeout + "; expected at least 1 second");
    }
    List<EvaluationItem> items = EvaluationItem.read(manifest);
    Path speech = createFolder(out.resolve("speech"));
    PrintWriter progress = spec.commandLine().getErr();
    try (BrokerOptions.Connection connection = broker.connect(realTime, progress);
        ConversationClient client =
            new ConversationClient(connection.clientProperties(), connection.topics());
        BufferedWriter results = Files.newBufferedWriter(out.resolve("results.jsonl"))) {
      Evaluation evaluation =
          new Evaluation(
              client, speech, !withoutTranscripts, realTime, Duration.ofSeconds(timeout));
      EvaluationProgress summary = new EvaluationProgress(items.size(), progress);
      run(items, evaluation, results, summary);
      PrintWriter terminal = spec.commandLine().getOut();
      terminal.println(json ? summary.json() : summary.text());
      terminal.flush();
      return summary.failed() == 0 ? 0 : CommandRunner.FAILED;
    }
  }

  private void run(
      List<EvaluationItem> items,
      Evaluation evaluation,
      BufferedWriter results,
      EvaluationProgress progress)
      throws Exception {
    ExecutorService callers = Executors.newFixedThreadPool(Math.min(concurrency, items.size()));
    try {
      ExecutorCompletionService<EvaluationResult> done = new ExecutorCompletionService<>(callers);
      items.forEach(item -> done.submit(() -> evaluation.converse(item)));
      for (int i = 0; i < items.size(); i++) {
        EvaluationResult result = done.take().get();
        results.write(result.json());
        results.newLine();
        results.flush();
        progress.add(result);
      }
    } finally {
      callers.shutdownNow();
    }
  }

  private static Path createFolder(Path folder) {
    try {
      Path made = Files.createDirectories(folder);
      OutputFiles.requireRoom(made, "--out");
      return made;
    } catch (IOException e) {
      throw new InputException(
          "--out: "
              + folder
              + " cannot be made ("
              + e
              + "); expected a folder that can be written to");
    }
  }
}
