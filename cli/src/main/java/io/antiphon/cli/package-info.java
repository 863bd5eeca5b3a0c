/** The commands of {@code ./antiphon}: options, reports, exit codes. */
@NullMarked
package io.antiphon.cli;

import org.jspecify.annotations.NullMarked;
