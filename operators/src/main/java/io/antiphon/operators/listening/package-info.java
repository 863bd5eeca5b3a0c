/** From samples to groups of encoder frames. */
@NullMarked
package io.antiphon.operators.listening;

import org.jspecify.annotations.NullMarked;
