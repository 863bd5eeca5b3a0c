/** The settings of a job, as {@code agent.yaml} explains them. */
package io.antiphon.jobs.configuration;
