/** How many conversations a machine carries, worked out before anything is bought. */
package io.antiphon.runtime.planning;
