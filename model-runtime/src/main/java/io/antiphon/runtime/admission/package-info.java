/** How many conversations a host takes: what it costs, how busy it is, who is refused. */
package io.antiphon.runtime.admission;
