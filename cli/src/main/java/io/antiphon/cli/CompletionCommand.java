package io.antiphon.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code ./antiphon completion}. */
@Command(
    name = "completion",
    description = "Prints the script that completes commands and options in bash and zsh.",
    mixinStandardHelpOptions = true)
final class CompletionCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().getOut().print(AutoComplete.bash("antiphon", spec.parent().commandLine()));
  }
}
