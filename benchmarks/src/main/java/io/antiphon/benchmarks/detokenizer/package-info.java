/** The benchmark of the detokenizer. */
package io.antiphon.benchmarks.detokenizer;
