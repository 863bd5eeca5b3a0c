/** A Kafka broker and a Flink cluster in this process, on loopback only, with a job on them. */
package io.antiphon.local;
