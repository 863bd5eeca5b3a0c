/**
 * Where writers tell their schemas and readers find them: the project's own compacted topic, or a
 * schema registry that speaks Confluent's REST interface.
 */
@NullMarked
package io.antiphon.serde.schemas;

import org.jspecify.annotations.NullMarked;
