/** A cluster of processes on this machine, and Flink's REST interface. */
package io.antiphon.chaos.cluster;
