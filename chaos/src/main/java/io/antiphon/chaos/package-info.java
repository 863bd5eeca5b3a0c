/** The command {@code chaos}: one run from the start of a cluster to the comparison. */
package io.antiphon.chaos;
