package io.antiphon.cli;

import java.io.PrintWriter;
import java.io.StringWriter;

/**
 * A command that was run in this process.
 *
 * @param code exit code
 */
record Execution(int code, String out, String err) {
  static Execution of(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        CommandRunner.run(
            new AntiphonCommand(), new PrintWriter(out), new PrintWriter(err), arguments);
    return new Execution(code, out.toString(), err.toString());
  }
}
