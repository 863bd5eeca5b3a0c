package io.antiphon.operators.calls;

import io.antiphon.analytics.Participant;
import io.antiphon.analytics.calls.CallStart;
import io.antiphon.operators.message.Failure;
import io.antiphon.operators.message.FailureCodes;
import io.antiphon.operators.state.RecordFormat;
import io.antiphon.operators.state.StateEncoding;
import io.antiphon.schemas.AudioFormat;
import io.antiphon.schemas.ConversationStarted;
import io.antiphon.schemas.Mode;
import io.antiphon.serde.Utf8Lengths;
import io.antiphon.serde.audio.AudioDecoder;
import io.antiphon.serde.audio.UnsupportedAudioFormatException;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a call's first record says of it.
 *
 * @param format of its sound, as many channels as it has participants
 * @param tenant whose call it is
 * @param time the producer's, epoch milliseconds; stands for media time 0 where that is not known
 */
record CallOpening(CallStart start, AudioFormat format, String tenant, long time) {
  static final RecordFormat<CallOpening> FORMAT =
      RecordFormat.of("call opening", 2, CallOpening::write, CallOpening::read);

  private static final int MOST_CHANNELS = 2;
  private static final int LONGEST_NAME_BYTES = 256;
  private static final int MOST_ATTRIBUTE_BYTES = 1 << 15;

  /** A call that cannot be listened to. */
  static final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Failure failure;

    RefusedException(Failure failure) {
      super(failure.message());
      this.failure = failure;
    }

    Failure failure() {
      return failure;
    }
  }

  /**
   * @param answers whether conversations of one channel that ask for spoken answers get them from
   *     an agent of this house, whose own records tell what it says
   * @throws RefusedException with all that is wrong
   */
  static CallOpening of(String id, ConversationStarted started, long time, boolean answers)
      throws RefusedException {
    List<String> problems = new ArrayList<>();
    AudioFormat format = started.getInputFormat();
    String code = FailureCodes.INVALID_SETTINGS;
    try {
      AudioDecoder.of(format);
    } catch (UnsupportedAudioFormatException e) {
      code = FailureCodes.UNSUPPORTED_AUDIO_FORMAT;
      problems.add("inputFormat: " + e.getMessage());
    }
    if (id.isBlank()) {
      problems.add("the conversation id is blank, expected a name");
    }
    if (format.getChannels() < 1 || format.getChannels() > MOST_CHANNELS) {
      problems.add(
          "inputFormat.channels is " + format.getChannels() + ", expected 1 to " + MOST_CHANNELS);
    }
    if (tooLong(started.getTenant())) {
      problems.add("tenant is longer than " + LONGEST_NAME_BYTES + " bytes");
    }
    long startedAt = started.getStartedAt() == null ? -1 : started.getStartedAt().toEpochMilli();
    if (started.getStartedAt() != null && startedAt < 0) {
      problems.add("startedAt is " + started.getStartedAt() + ", expected 1970 or later");
    }
    List<Participant> participants = new ArrayList<>(participants(started, problems));
    boolean answered =
        answers && format.getChannels() == 1 && started.getMode() == Mode.SPEECH_TO_SPEECH;
    if (answered) {
      participants.add(new Participant("", Participant.AGENT, 1));
    }
    SortedMap<String, String> attributes = attributes(started.getAttributes(), problems);
    if (!problems.isEmpty()) {
      throw new RefusedException(new Failure(code, String.join("; ", problems)));
    }
    return new CallOpening(
        new CallStart(id, startedAt, participants, attributes, answered),
        format,
        started.getTenant(),
        time);
  }

  /** How many channels have sound of their own. */
  int channels() {
    return start.heardChannels();
  }

  /** Media time 0 in the call's own calendar, epoch milliseconds. */
  long zero() {
    return start.startedAt() < 0 ? time : start.startedAt();
  }

  /**
   * A participant of a record.
   *
   * @param problems takes what is wrong with it
   */
  static @Nullable Participant participant(
      io.antiphon.schemas.Participant given, int channels, List<String> problems) {
    int channel = given.getChannel();
    boolean good = true;
    if (channel < 0 || channel >= channels) {
      problems.add("participant.channel is " + channel + ", expected 0 to " + (channels - 1));
      good = false;
    }
    if (given.getRole().isBlank()) {
      problems.add("participant.role is blank, expected a role such as CUSTOMER");
      good = false;
    }
    if (tooLong(given.getRole()) || tooLong(given.getParticipantId())) {
      problems.add("role or id of a participant is longer than " + LONGEST_NAME_BYTES + " bytes");
      good = false;
    }
    return good ? new Participant(given.getParticipantId(), given.getRole(), channel) : null;
  }

  /** By channel; who is not told is the customer on channel 0 and the agent on channel 1. */
  private static List<Participant> participants(
      ConversationStarted started, List<String> problems) {
    int channels = started.getInputFormat().getChannels();
    Map<Integer, Participant> given = new TreeMap<>();
    for (io.antiphon.schemas.Participant each : started.getParticipants()) {
      Participant participant = participant(each, channels, problems);
      if (participant != null && given.put(participant.channel(), participant) != null) {
        problems.add("participants: two are on channel " + participant.channel());
      }
    }
    List<Participant> all = new ArrayList<>();
    for (int channel = 0; channel < Math.min(channels, MOST_CHANNELS); channel++) {
      String usual = channel == 0 ? Participant.CUSTOMER : Participant.AGENT;
      Participant other = given.get(1 - channel);
      if (other != null && other.role().equals(usual)) {
        usual = channel == 0 ? Participant.AGENT : Participant.CUSTOMER;
      }
      all.add(given.getOrDefault(channel, new Participant("", usual, channel)));
    }
    return all;
  }

  private static SortedMap<String, String> attributes(
      Map<String, String> given, List<String> problems) {
    long bytes = 0;
    for (Map.Entry<String, String> each : given.entrySet()) {
      bytes += Utf8Lengths.bytes(each.getKey()) + Utf8Lengths.bytes(each.getValue());
    }
    if (bytes > MOST_ATTRIBUTE_BYTES) {
      problems.add("attributes have " + bytes + " bytes, expected at most " + MOST_ATTRIBUTE_BYTES);
    }
    return new TreeMap<>(given);
  }

  private static boolean tooLong(String name) {
    return Utf8Lengths.bytes(name) > LONGEST_NAME_BYTES;
  }

  private static void write(CallOpening value, DataOutput out) throws IOException {
    StateEncoding.writeString(value.start.callId(), out);
    out.writeLong(value.start.startedAt());
    StateEncoding.writeList(value.start.participants(), CallOpening::put, out);
    StateEncoding.writeList(
        List.copyOf(value.start.attributes().entrySet()),
        (each, to) -> {
          StateEncoding.writeString(each.getKey(), to);
          StateEncoding.writeString(each.getValue(), to);
        },
        out);
    StateEncoding.writeString(value.format.getEncoding(), out);
    out.writeInt(value.format.getSampleRate());
    out.writeInt(value.format.getChannels());
    StateEncoding.writeString(value.tenant, out);
    out.writeLong(value.time);
    out.writeBoolean(value.start.answered());
  }

  private static CallOpening read(int version, DataInput in) throws IOException {
    String id = StateEncoding.readString(in);
    long startedAt = in.readLong();
    List<Participant> participants = StateEncoding.readList(CallOpening::get, in);
    SortedMap<String, String> attributes = new TreeMap<>();
    StateEncoding.readList(
            from -> Map.entry(StateEncoding.readString(from), StateEncoding.readString(from)), in)
        .forEach(each -> attributes.put(each.getKey(), each.getValue()));
    AudioFormat format = new AudioFormat(StateEncoding.readString(in), in.readInt(), in.readInt());
    String tenant = StateEncoding.readString(in);
    long time = in.readLong();
    boolean answered = version > 1 && in.readBoolean();
    return new CallOpening(
        new CallStart(id, startedAt, participants, attributes, answered), format, tenant, time);
  }

  static void put(Participant value, DataOutput out) throws IOException {
    StateEncoding.writeString(value.participantId(), out);
    StateEncoding.writeString(value.role(), out);
    out.writeInt(value.channel());
  }

  static Participant get(DataInput in) throws IOException {
    return new Participant(
        StateEncoding.readString(in), StateEncoding.readString(in), in.readInt());
  }
}
