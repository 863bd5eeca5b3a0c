/** How many conversations a machine carries, worked out before anything is bought. */
@NullMarked
package io.antiphon.runtime.planning;

import org.jspecify.annotations.NullMarked;
