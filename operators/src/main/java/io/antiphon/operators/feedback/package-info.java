/** From what people thought of answers to pairs of a better and a worse one. */
@NullMarked
package io.antiphon.operators.feedback;

import org.jspecify.annotations.NullMarked;
