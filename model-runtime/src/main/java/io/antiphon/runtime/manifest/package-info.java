/** What a bundle says of itself, read strictly. */
@NullMarked
package io.antiphon.runtime.manifest;

import org.jspecify.annotations.NullMarked;
