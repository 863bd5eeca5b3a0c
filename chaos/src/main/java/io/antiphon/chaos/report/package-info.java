/** The result of a run as a table and as JSON. */
package io.antiphon.chaos.report;
