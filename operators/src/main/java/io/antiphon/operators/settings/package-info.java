/** What operators are configured with, serialisable. */
package io.antiphon.operators.settings;
