/** What flows between the stages, and how a failure is told. */
@NullMarked
package io.antiphon.operators.message;

import org.jspecify.annotations.NullMarked;
