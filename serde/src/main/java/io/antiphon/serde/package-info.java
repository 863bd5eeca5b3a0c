/** Records to bytes and back, by the released schemas. */
package io.antiphon.serde;
