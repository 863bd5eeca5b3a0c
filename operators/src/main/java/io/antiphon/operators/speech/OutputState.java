package io.antiphon.operators.speech;

import io.antiphon.operators.message.OutputMessage;
import io.antiphon.schemas.AudioFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Log of the detokenizer operator's {@link ConversationOutput}.
 *
 * @param turn of the answer that is spoken, -1 when there is none
 * @param format of its audio, null when there is none
 * @param voice who speaks it, null when there is none
 * @param carry the detokenizer's state, null when it is at its beginning
 * @param encoder the audio encoder's state, null when there is none
 * @param sequence of the next piece
 * @param samples encoded so far, at the encoder's rate
 * @param finished whether the last piece has left
 * @param firstAudioAt milliseconds since the epoch, -1 when nothing has left
 * @param interruptedThrough no audio of answers up to this turn
 * @param queue messages that have not been dealt with, in order
 */
@SuppressWarnings("ArrayRecordComponent") // written once, never compared
public record OutputState(
    int turn,
    @Nullable AudioFormat format,
    @Nullable String voice,
    byte @Nullable [] carry,
    byte @Nullable [] encoder,
    long sequence,
    long samples,
    boolean finished,
    double firstAudioAt,
    int interruptedThrough,
    List<OutputMessage> queue) {}
