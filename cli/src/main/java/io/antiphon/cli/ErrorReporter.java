package io.antiphon.cli;

import io.antiphon.client.ConnectionException;
import io.antiphon.client.ConversationException;
import io.antiphon.configuration.ConfigurationException;
import io.antiphon.configuration.InvalidConfigurationException;
import io.antiphon.local.LocalServiceException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;

/** What the user reads when a command fails: one clear message; the stack trace goes to the log. */
final class ErrorReporter {
  private static final Logger LOG = LoggerFactory.getLogger(ErrorReporter.class);

  private ErrorReporter() {}

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
