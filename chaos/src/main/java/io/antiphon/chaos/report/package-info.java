/** The result of a run as a table and as JSON. */
@NullMarked
package io.antiphon.chaos.report;

import org.jspecify.annotations.NullMarked;
