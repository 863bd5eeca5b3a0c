/** The model host in this process, one for each device, shared by its users. */
@NullMarked
package io.antiphon.runtime.host;

import org.jspecify.annotations.NullMarked;
