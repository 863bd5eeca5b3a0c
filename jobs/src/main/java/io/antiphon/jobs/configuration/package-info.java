/** The settings of a job, as {@code agent.yaml} explains them. */
@NullMarked
package io.antiphon.jobs.configuration;

import org.jspecify.annotations.NullMarked;
