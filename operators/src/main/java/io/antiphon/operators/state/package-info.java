/**
 * How state is written: versioned serialisers, sequences, the signature of the bundle it belongs
 * to.
 */
@NullMarked
package io.antiphon.operators.state;

import org.jspecify.annotations.NullMarked;
