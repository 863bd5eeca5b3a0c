/**
 * The format {@code avro-single-object} of Flink SQL: Antiphon's topics as tables, whichever
 * release wrote them.
 */
@NullMarked
package io.antiphon.sql;

import org.jspecify.annotations.NullMarked;
