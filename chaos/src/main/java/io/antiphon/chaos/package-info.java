/** The command {@code chaos}: one run from the start of a cluster to the comparison. */
@NullMarked
package io.antiphon.chaos;

import org.jspecify.annotations.NullMarked;
