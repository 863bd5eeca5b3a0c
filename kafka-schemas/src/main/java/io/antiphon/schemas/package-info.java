/** The records on the topics, all releases of their schemas, and what reads later ones. */
package io.antiphon.schemas;
