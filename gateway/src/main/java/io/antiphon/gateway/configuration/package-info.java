/** What can be configured, typed and checked as a whole. */
@NullMarked
package io.antiphon.gateway.configuration;

import org.jspecify.annotations.NullMarked;
