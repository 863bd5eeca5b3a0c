/** Benchmarks of one conversation through Kafka and Flink. */
package io.antiphon.benchmarks.dataflow;
