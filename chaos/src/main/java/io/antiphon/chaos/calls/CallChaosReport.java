package io.antiphon.chaos.calls;

import io.antiphon.chaos.faults.Fault;
import java.util.List;

/**
 * What became of the calls.
 *
 * @param begun calls that began while faults came
 * @param summaries committed records for them
 * @param spokenSeconds sound of one channel of all of them
 * @param rounds faults in their order
 * @param problems calls whose summary is missing, came twice or is another one than undisturbed
 */
public record CallChaosReport(
    int begun, int summaries, long spokenSeconds, List<Round> rounds, List<String> problems) {
  /**
   * A fault.
   *
   * @param runningMillis from the fault until all tasks of the job run again
   */
  public record Round(Fault fault, long runningMillis) {}

  public CallChaosReport {
    rounds = List.copyOf(rounds);
    problems = List.copyOf(problems);
  }

  /** For people. */
  public String text() {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            "%d calls begun, %d summaries, %d problems; %d s of speech%n",
            begun, summaries, problems.size(), spokenSeconds));
    for (Round round : rounds) {
      text.append(
          String.format("%-20s running again after %d ms%n", round.fault(), round.runningMillis()));
    }
    problems.forEach(problem -> text.append(problem).append(System.lineSeparator()));
    return text.toString();
  }
}
