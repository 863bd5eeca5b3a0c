/**
 * Recordings: files and streams of sound, read as they come, whatever their container and codec.
 *
 * <p>{@link io.antiphon.serde.recording.RecordingReader} tells what a recording is by its first
 * bytes, never by its name, and gives its channels interleaved. Nobody here decides who speaks on
 * which channel: {@link io.antiphon.serde.recording.ChannelComparison} tells identical, silent and
 * different channels apart, and {@link io.antiphon.serde.recording.MonoRecording} makes one party
 * of them only where that mixes nobody.
 *
 * <p>WAVE, FLAC and the pages of Ogg are read by code of our own: it is short, streams, forgives
 * what recorders get wrong, and for FLAC the JVM's only decoders come under the LGPL. Everything
 * else is read through a {@code ffmpeg} on the path, where there is one.
 */
@NullMarked
package io.antiphon.serde.recording;

import org.jspecify.annotations.NullMarked;
