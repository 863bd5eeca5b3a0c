/** Records to bytes and back, by the released schemas. */
@NullMarked
package io.antiphon.serde;

import org.jspecify.annotations.NullMarked;
