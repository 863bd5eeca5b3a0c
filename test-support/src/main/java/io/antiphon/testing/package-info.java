/** What tests of several modules share. */
@NullMarked
package io.antiphon.testing;

import org.jspecify.annotations.NullMarked;
