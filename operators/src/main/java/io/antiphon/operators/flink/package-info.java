/**
 * Everything that stands on Flink's internal API: keyed operators whose host work returns by the
 * mailbox.
 */
package io.antiphon.operators.flink;
