/** From samples to groups of encoder frames. */
package io.antiphon.operators.listening;
