/** Benchmarks of one conversation through Kafka and Flink. */
@NullMarked
package io.antiphon.benchmarks.dataflow;

import org.jspecify.annotations.NullMarked;
