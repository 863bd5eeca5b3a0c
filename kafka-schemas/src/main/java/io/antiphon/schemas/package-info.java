/**
 * The records on the topics, all releases of their schemas, and what reads later ones. The package
 * is not {@code @NullMarked}, its written classes are: Avro generates the records beside them
 * without a word on which fields may be null.
 */
package io.antiphon.schemas;
