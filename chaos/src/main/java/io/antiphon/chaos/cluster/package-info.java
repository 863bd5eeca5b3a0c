/** A cluster of processes on this machine, and Flink's REST interface. */
@NullMarked
package io.antiphon.chaos.cluster;

import org.jspecify.annotations.NullMarked;
