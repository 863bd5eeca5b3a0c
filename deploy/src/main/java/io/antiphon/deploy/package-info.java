/** The standby agent, which keeps a warm model host ready in every TaskManager. */
@NullMarked
package io.antiphon.deploy;

import org.jspecify.annotations.NullMarked;
