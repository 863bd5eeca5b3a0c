/**
 * How state is written: versioned serialisers, sequences, the signature of the bundle it belongs
 * to.
 */
package io.antiphon.operators.state;
