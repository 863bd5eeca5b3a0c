/** The benchmark of the detokenizer. */
@NullMarked
package io.antiphon.benchmarks.detokenizer;

import org.jspecify.annotations.NullMarked;
