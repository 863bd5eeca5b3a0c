/**
 * Settings from YAML, bound to records whose components have the settings' names; all problems are
 * told at once.
 */
@NullMarked
package io.antiphon.configuration;

import org.jspecify.annotations.NullMarked;
