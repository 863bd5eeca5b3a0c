/** What is said of a call as records of the topics. */
@NullMarked
package io.antiphon.analytics.records;

import org.jspecify.annotations.NullMarked;
