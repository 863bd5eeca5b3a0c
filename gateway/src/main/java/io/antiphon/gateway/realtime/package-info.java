/** The OpenAI Realtime protocol: its events, a session's state machine, its secrets. */
@NullMarked
package io.antiphon.gateway.realtime;

import org.jspecify.annotations.NullMarked;
