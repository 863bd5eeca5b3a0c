/**
 * Everything that stands on Flink's internal API: keyed operators whose host work returns by the
 * mailbox.
 */
@NullMarked
package io.antiphon.operators.flink;

import org.jspecify.annotations.NullMarked;
