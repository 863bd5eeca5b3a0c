package io.antiphon.gateway.configuration;

import io.antiphon.configuration.Problems;
import io.antiphon.configuration.Section;

/**
 * Which records the dataflow behind the gateway serves, for a gateway that is newer than its
 * dataflow. What is false is not sent.
 *
 * @param speechDetection a speech detector finds turns and tells when speech starts and stops
 * @param answerRequests answers are made on request, with settings of their own
 * @param settingsChanges settings change in mid-conversation
 * @param history items are added to and removed from the history
 * @param audioDiscarding the audio of an open turn can be dropped
 * @param keys key presses are taken
 * @param epochs a node may take a conversation over from one that is gone
 */
public record ServedRecords(
    boolean speechDetection,
    boolean answerRequests,
    boolean settingsChanges,
    boolean history,
    boolean audioDiscarding,
    boolean keys,
    boolean epochs)
    implements Section {
  @Override
  public void check(Problems problems) {
    // Any may be served without the others.
  }
}
