/**
 * Where writers tell their schemas and readers find them: the project's own compacted topic, or a
 * schema registry that speaks Confluent's REST interface.
 */
package io.antiphon.serde.schemas;
