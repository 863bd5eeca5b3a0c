package io.antiphon.jobs.cli;

import io.antiphon.jobs.client.ConnectionException;
import io.antiphon.jobs.client.ConversationException;
import io.antiphon.jobs.configuration.InvalidConfigurationException;
import io.antiphon.jobs.local.LocalServiceException;
import io.antiphon.runtime.ConfigurationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;

/** What the user reads when a command fails: one clear message; the stack trace goes to the log. */
final class Failures {
  private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

  private Failures() {}

  static int report(Exception error, CommandLine command) {
    LOG.error("{} failed", command.getCommandName(), error);
    if (error instanceof InputException
        || error instanceof InvalidConfigurationException
        || error instanceof ConfigurationException) {
      command.getErr().println(error.getMessage());
      return CommandRunner.USAGE;
    }
    if (error instanceof LocalServiceException
        || error instanceof ConversationException
        || error instanceof ConnectionException) {
      command.getErr().println("Failed: " + error.getMessage());
      return CommandRunner.FAILED;
    }
    command.getErr().println("Failed: " + error);
    return CommandRunner.FAILED;
  }
}
