/**
 * Settings from YAML, bound to records whose components have the settings' names; all problems are
 * told at once.
 */
package io.antiphon.configuration;
