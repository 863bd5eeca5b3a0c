/** Who may do what: keys, tokens, tenants, limits, origins, and the log of it. */
@NullMarked
package io.antiphon.gateway.security;

import org.jspecify.annotations.NullMarked;
