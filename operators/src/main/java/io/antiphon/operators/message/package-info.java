/** What flows between the stages, and how a failure is told. */
package io.antiphon.operators.message;
