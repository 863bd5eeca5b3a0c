/** How many conversations a host takes: what it costs, how busy it is, who is refused. */
@NullMarked
package io.antiphon.runtime.admission;

import org.jspecify.annotations.NullMarked;
