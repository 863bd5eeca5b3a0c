/** What is counted and timed, for Prometheus. */
@NullMarked
package io.antiphon.gateway.metrics;

import org.jspecify.annotations.NullMarked;
