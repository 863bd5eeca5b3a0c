/** From what people thought of answers to pairs of a better and a worse one. */
package io.antiphon.operators.feedback;
