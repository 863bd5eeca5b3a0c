/** The result of a benchmark: figures, machine, CPU time. */
package io.antiphon.benchmarks.report;
