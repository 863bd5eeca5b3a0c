/** Comparison of a bundle with cases of the reference implementation. */
@NullMarked
package io.antiphon.runtime.parity;

import org.jspecify.annotations.NullMarked;
