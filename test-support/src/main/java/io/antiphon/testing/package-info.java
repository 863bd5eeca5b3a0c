/** What tests of several modules share. */
package io.antiphon.testing;
