/** The commands of {@code ./antiphon}: options, reports, exit codes. */
package io.antiphon.cli;
