/** Calls of two on a cluster of processes, for call analytics. */
package io.antiphon.chaos.calls;
