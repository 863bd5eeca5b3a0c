/** What operators are configured with, serialisable. */
@NullMarked
package io.antiphon.operators.settings;

import org.jspecify.annotations.NullMarked;
