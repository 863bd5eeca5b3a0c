/** The result of a benchmark: figures, machine, CPU time. */
@NullMarked
package io.antiphon.benchmarks.report;

import org.jspecify.annotations.NullMarked;
