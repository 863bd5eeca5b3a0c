/** The browser's page, as files of the class path. */
@NullMarked
package io.antiphon.gateway.page;

import org.jspecify.annotations.NullMarked;
