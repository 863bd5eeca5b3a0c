/**
 * Telephone calls: the media streams of telephony providers and of Asterisk as one core.
 *
 * <p>Every provider has the same seven ideas: a call starts, brings audio, takes audio, stops
 * playing what it took, tells by marks what was played, passes on keys and ends. A {@link
 * io.antiphon.gateway.phone.MediaProtocol} translates one provider's messages into {@link
 * io.antiphon.gateway.phone.PhoneEvent}s and our commands into messages; it does no input and
 * output and knows no threads. {@link io.antiphon.gateway.phone.PhoneCall} holds what is common:
 * pacing, bounded queues, what the caller really heard.
 */
@NullMarked
package io.antiphon.gateway.phone;

import org.jspecify.annotations.NullMarked;
