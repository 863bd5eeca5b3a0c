/** Comparison of a bundle with cases of the reference implementation. */
package io.antiphon.runtime.parity;
