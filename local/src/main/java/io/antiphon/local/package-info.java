/** A Kafka broker and a Flink cluster in this process, on loopback only, with a job on them. */
@NullMarked
package io.antiphon.local;

import org.jspecify.annotations.NullMarked;
