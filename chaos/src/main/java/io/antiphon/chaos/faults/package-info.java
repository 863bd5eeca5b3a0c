/** What is done to the cluster, and how it is repaired. */
package io.antiphon.chaos.faults;
