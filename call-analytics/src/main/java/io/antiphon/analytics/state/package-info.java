/** How what a call is analysed by lies in bytes, so that an analysis can go on elsewhere. */
@NullMarked
package io.antiphon.analytics.state;

import org.jspecify.annotations.NullMarked;
