package io.antiphon.chaos;

import io.antiphon.chaos.faults.Fault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What a run does.
 *
 * @param root of the built checkout
 * @param run folder of the cluster
 * @param seed of scripts, faults and moments
 * @param rounds faults one after the other
 * @param faults those that are drawn from
 * @param conversations live at any moment
 * @param baseline how long callers speak in real time before the first fault
 * @param lag of the source in {@link Fault#LAG_SOURCE}
 * @param job settings of the job by dotted name
 */
public record ChaosSettings(
    Path root,
    Path run,
    long seed,
    int rounds,
    List<Fault> faults,
    int conversations,
    Duration baseline,
    Duration lag,
    Map<String, String> job) {}
