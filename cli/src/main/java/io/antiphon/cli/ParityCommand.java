package io.antiphon.cli;

import io.antiphon.runtime.parity.Parity;
import io.antiphon.runtime.parity.ParityReport;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Compares a bundle with cases of the reference implementation. */
@Command(
    name = "parity",
    description = {
      "Compares every stage of a bundle with cases of the reference implementation.",
      "Exit code 0 only if every stage passes and all ids agree."
    },
    mixinStandardHelpOptions = true)
final class ParityCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "BUNDLE", description = "Directory of the bundle.")
  private Path bundle;

  @Parameters(index = "1", paramLabel = "CASES", description = "Directory with cases.safetensors.")
  private Path cases;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    requireDirectory(bundle, "the directory of a bundle");
    requireDirectory(cases, "a directory with cases.safetensors");
    ParityReport report = new Parity().run(bundle, cases);
    PrintWriter out = spec.commandLine().getOut();
    out.print(report.print());
    out.flush();
    return report.passed() ? 0 : CommandRunner.FAILED;
  }

  private static void requireDirectory(Path path, String expectation) {
    if (!Files.isDirectory(path)) {
      throw new InputException(path + " does not exist; expected " + expectation);
    }
  }
}
