package io.antiphon.gateway.phone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MediaProtocolTest {
  private static final String TWILIO_START =
      """
      {"event":"start","sequenceNumber":"1","streamSid":"MZ1","start":{"accountSid":"AC1",
       "streamSid":"MZ1","callSid":"CA1","tracks":["inbound"],"customParameters":{"from":"+49"},
       "mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1}}}""";
  private static final String TELNYX_START =
      """
      {"event":"start","sequence_number":"1","stream_id":"s1","start":{"user_id":"u",
       "call_control_id":"c1","media_format":{"encoding":"PCMU","sample_rate":8000,"channels":1}}}""";
  private static final String VONAGE_START =
      """
      {"event":"websocket:connected","content-type":"audio/l16;rate=16000","uuid":"v1","from":"49"}""";
  private static final String AUDIOHOOK_OPEN =
      """
      {"version":"2","type":"open","seq":1,"serverseq":0,"id":"a1","position":"PT0S","parameters":{
       "organizationId":"o1","conversationId":"g1",
       "participant":{"id":"p1","ani":"+49","aniName":"N","dnis":"+1"},
       "media":[{"type":"audio","format":"PCMU","channels":["external","internal"],"rate":8000},
                {"type":"audio","format":"PCMU","channels":["external"],"rate":8000}],
       "language":"en-US"}}""";
  private static final String ASTERISK_START =
      """
      {"event":"MEDIA_START","channel":"WebSocket/gw/0x1","channel_id":"171.3","format":"ulaw",
       "optimal_frame_size":160,"ptime":20,"channel_variables":{"caller":"100"}}""";

  @Test
  void twilioTellsStartAudioKeysMarksAndEnd() throws MediaProtocolException {
    TwilioProtocol twilio = new TwilioProtocol();
    assertThat(twilio.text("{\"event\":\"connected\",\"protocol\":\"Call\",\"version\":\"1.0.0\"}"))
        .isEmpty();
    assertThat(twilio.text(TWILIO_START))
        .containsExactly(
            new PhoneEvent.Started(
                new MediaStart("CA1", "MZ1", PhoneAudio.MU_LAW, Map.of("from", "+49"))));
    assertThat(audio(twilio.text(twilioMedia(0, new byte[] {1, 2})))).containsExactly(1, 2);
    assertThat(
            twilio.text(
                "{\"event\":\"dtmf\",\"streamSid\":\"MZ1\","
                    + "\"dtmf\":{\"track\":\"inbound_track\",\"digit\":\"#\"}}"))
        .containsExactly(new PhoneEvent.KeyPressed('#'));
    assertThat(
            twilio.text("{\"event\":\"mark\",\"streamSid\":\"MZ1\",\"mark\":{\"name\":\"f10\"}}"))
        .containsExactly(new PhoneEvent.Marked("f10"));
    assertThat(twilio.text("{\"event\":\"news\",\"streamSid\":\"MZ1\"}")).isEmpty();
    assertThat(twilio.text("{\"event\":\"stop\",\"streamSid\":\"MZ1\",\"stop\":{}}"))
        .singleElement()
        .isInstanceOf(PhoneEvent.Ended.class);
    assertThat(twilio.text(TWILIO_START)).isEmpty();
  }

  @Test
  void twilioReportsAJumpOfTheTimestampAsLoss() throws MediaProtocolException {
    TwilioProtocol twilio = new TwilioProtocol();
    twilio.text(TWILIO_START);
    twilio.text(twilioMedia(100, new byte[160]));
    assertThat(twilio.text(twilioMedia(140, new byte[160]))).hasSize(1);
    assertThat(twilio.text(twilioMedia(400, new byte[160])).get(0))
        .isEqualTo(new PhoneEvent.Lost(240));
  }

  @Test
  void twilioTakesOnlyMediaMarkAndClear() throws MediaProtocolException {
    TwilioProtocol twilio = new TwilioProtocol();
    twilio.text(TWILIO_START);
    assertThat(twilio.audio(new byte[] {-1, -1}))
        .containsExactly(
            text("{\"event\":\"media\",\"streamSid\":\"MZ1\",\"media\":{\"payload\":\"//8=\"}}"));
    assertThat(twilio.mark("f1"))
        .containsExactly(
            text("{\"event\":\"mark\",\"streamSid\":\"MZ1\",\"mark\":{\"name\":\"f1\"}}"));
    assertThat(twilio.clear()).containsExactly(text("{\"event\":\"clear\",\"streamSid\":\"MZ1\"}"));
  }

  @Test
  void telnyxIsPutInOrderAndGivesUpWhatIsLost() throws MediaProtocolException {
    TelnyxProtocol telnyx = new TelnyxProtocol();
    telnyx.text(TELNYX_START);
    List<Integer> heard = new ArrayList<>();
    for (int chunk : new int[] {1, 3, 2, 2, 5, 4, 7, 8, 9, 10, 11, 12, 6, 13}) {
      heard.addAll(audio(telnyx.text(telnyxMedia(chunk))));
    }
    // 6 is waited for until five later ones are there; then it is too late.
    assertThat(heard).containsExactly(1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13);
  }

  @Test
  void telnyxHasL16InNetworkOrder() throws MediaProtocolException {
    TelnyxProtocol telnyx = new TelnyxProtocol();
    telnyx.text(TELNYX_START.replace("PCMU", "L16").replace("8000", "16000"));
    assertThat(
            audio(
                telnyx.text(
                    "{\"event\":\"media\",\"stream_id\":\"s1\",\"media\":{\"chunk\":\"1\","
                        + "\"payload\":\""
                        + Base64.getEncoder().encodeToString(new byte[] {1, 2, 3, 4})
                        + "\"}}")))
        .containsExactly(2, 1, 4, 3);
    assertThat(telnyx.audio(new byte[] {1, 2}))
        .containsExactly(text("{\"event\":\"media\",\"media\":{\"payload\":\"AgE=\"}}"));
  }

  @Test
  void vonageHasBinaryAudioAndNotifications() throws MediaProtocolException {
    VonageProtocol vonage = new VonageProtocol("unknown");
    assertThat(vonage.text(VONAGE_START))
        .containsExactly(
            new PhoneEvent.Started(
                new MediaStart(
                    "v1",
                    "v1",
                    new PhoneAudio(PhoneAudio.Coding.PCM16, 16_000),
                    Map.of("uuid", "v1", "from", "49"))));
    assertThat(audio(vonage.binary(new byte[640]))).hasSize(640);
    assertThat(vonage.text("{\"event\":\"websocket:dtmf\",\"digit\":\"5\",\"duration\":260}"))
        .containsExactly(new PhoneEvent.KeyPressed('5'));
    assertThat(vonage.mark("f9"))
        .containsExactly(text("{\"action\":\"notify\",\"payload\":{\"mark\":\"f9\"}}"));
    assertThat(vonage.text("{\"event\":\"websocket:notify\",\"payload\":{\"mark\":\"f9\"}}"))
        .containsExactly(new PhoneEvent.Marked("f9"));
    assertThat(vonage.clear()).containsExactly(text("{\"action\":\"clear\"}"));
  }

  @Test
  void audioHookNumbersBothSides() throws MediaProtocolException {
    AudioHookProtocol hook = new AudioHookProtocol();
    List<PhoneEvent> opened = hook.text(AUDIOHOOK_OPEN);
    assertThat(opened)
        .containsExactly(
            new PhoneEvent.Reply(
                text(
                    "{\"version\":\"2\",\"type\":\"opened\",\"seq\":1,\"clientseq\":1,"
                        + "\"id\":\"a1\",\"parameters\":{\"startPaused\":false,\"media\":["
                        + "{\"type\":\"audio\",\"format\":\"PCMU\",\"channels\":[\"external\"],"
                        + "\"rate\":8000}]}}")),
            new PhoneEvent.Started(
                new MediaStart(
                    "g1",
                    "a1",
                    PhoneAudio.MU_LAW,
                    Map.of(
                        "from",
                        "+49",
                        "name",
                        "N",
                        "to",
                        "+1",
                        "organization",
                        "o1",
                        "language",
                        "en-US"))));
    assertThat(hook.text(hook(2, 1, "ping", "{}")))
        .containsExactly(
            new PhoneEvent.Reply(
                text(
                    "{\"version\":\"2\",\"type\":\"pong\",\"seq\":2,\"clientseq\":2,\"id\":\"a1\","
                        + "\"parameters\":{}}")));
    assertThat(hook.text(hook(3, 2, "paused", "{}"))).containsExactly(new PhoneEvent.Held(true));
    assertThatThrownBy(() -> hook.binary(new byte[160])).hasMessageContaining("pause");
    assertThat(hook.text(hook(4, 2, "discarded", "{\"start\":\"PT1S\",\"discarded\":\"PT1.25S\"}")))
        .containsExactly(new PhoneEvent.Lost(1250));
    assertThat(hook.text(hook(5, 2, "resumed", "{}"))).containsExactly(new PhoneEvent.Held(false));
    assertThat(audio(hook.binary(new byte[1600]))).hasSize(1600);
    assertThat(hook.receivedMillis()).isEqualTo(200);
    assertThat(hook.clear())
        .containsExactly(
            text(
                "{\"version\":\"2\",\"type\":\"event\",\"seq\":3,\"clientseq\":5,\"id\":\"a1\","
                    + "\"parameters\":{\"entities\":[{\"type\":\"barge_in\",\"data\":{}}]}}"));
    assertThat(hook.text(hook(6, 3, "close", "{\"reason\":\"end\"}")))
        .hasSize(2)
        .last()
        .isInstanceOf(PhoneEvent.Ended.class);
  }

  @Test
  void audioHookAnswersAProbeWithoutACall() throws MediaProtocolException {
    AudioHookProtocol hook = new AudioHookProtocol();
    String probe =
        AUDIOHOOK_OPEN.replace(
            "\"conversationId\":\"g1\"",
            "\"conversationId\":\"00000000-0000-0000-0000-000000000000\"");
    assertThat(hook.text(probe)).singleElement().isInstanceOf(PhoneEvent.Reply.class);
    assertThat(hook.text(hook(2, 1, "close", "{\"reason\":\"end\"}")))
        .singleElement()
        .isInstanceOf(PhoneEvent.Reply.class);
  }

  @Test
  void audioHookRefusesGapsInTheNumbers() throws MediaProtocolException {
    AudioHookProtocol hook = new AudioHookProtocol();
    hook.text(AUDIOHOOK_OPEN);
    assertThatThrownBy(() -> hook.text(hook(3, 1, "ping", "{}"))).hasMessageContaining("seq 3");
    assertThatThrownBy(() -> hook.text(hook(2, 9, "ping", "{}")))
        .hasMessageContaining("serverseq 9");
  }

  @Test
  void asteriskSpeaksJsonOrPlainText() throws MediaProtocolException {
    AsteriskProtocol json = new AsteriskProtocol();
    PhoneEvent started = json.text(ASTERISK_START).get(0);
    assertThat(started)
        .isEqualTo(
            new PhoneEvent.Started(
                new MediaStart(
                    "171.3",
                    "171.3",
                    PhoneAudio.MU_LAW,
                    Map.of("caller", "100", "channel", "WebSocket/gw/0x1"))));
    assertThat(json.mark("f10"))
        .containsExactly(text("{\"command\":\"MARK_MEDIA\",\"correlation_id\":\"f10\"}"));
    assertThat(json.text("{\"event\":\"MEDIA_MARK_PROCESSED\",\"correlation_id\":\"f10\"}"))
        .containsExactly(new PhoneEvent.Marked("f10"));
    assertThat(json.text("{\"event\":\"MEDIA_XOFF\"}")).containsExactly(new PhoneEvent.Paused());

    AsteriskProtocol plain = new AsteriskProtocol();
    plain.text(
        "MEDIA_START connection_id:c channel:WebSocket/gw/0x1 channel_id:171.3 format:slin16 "
            + "optimal_frame_size:640 ptime:20");
    assertThat(plain.mark("f10")).containsExactly(text("MARK_MEDIA f10"));
    assertThat(plain.text("MEDIA_MARK_PROCESSED correlation_id:f10"))
        .containsExactly(new PhoneEvent.Marked("f10"));
    assertThat(plain.text("DTMF_END digit:9")).containsExactly(new PhoneEvent.KeyPressed('9'));
    assertThat(plain.clear()).containsExactly(text("FLUSH_MEDIA"));
    assertThat(plain.hangUp()).containsExactly(text("HANGUP"));
  }

  @Test
  void asteriskGetsOnlyWhatItDoesNotDropInSilence() throws MediaProtocolException {
    AsteriskProtocol asterisk = new AsteriskProtocol();
    asterisk.text(ASTERISK_START);
    assertThatThrownBy(() -> asterisk.audio(new byte[161]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("160");
    assertThatThrownBy(() -> asterisk.mark("x".repeat(100)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("127");
    asterisk.mark("f1");
    asterisk.clear();
    // A flush takes the marks along.
    assertThat(asterisk.text("{\"event\":\"MEDIA_MARK_PROCESSED\",\"correlation_id\":\"f1\"}"))
        .isEmpty();
  }

  @Test
  void audioSocketIsReadHoweverItIsCut() throws MediaProtocolException {
    byte[] call = AudioSocketProtocol.message(AudioSocketProtocol.CALL, new byte[16]).bytes();
    byte[] key = AudioSocketProtocol.message(AudioSocketProtocol.KEY, new byte[] {'7'}).bytes();
    byte[] stream =
        concatenation(
            call,
            AudioSocketProtocol.message(AudioSocketProtocol.AUDIO_8K, new byte[320]).bytes(),
            key,
            AudioSocketProtocol.message(AudioSocketProtocol.AUDIO_8K, new byte[320]).bytes(),
            AudioSocketProtocol.message(AudioSocketProtocol.HANG_UP, new byte[0]).bytes());
    Random random = new Random(1);
    for (int round = 0; round < 100; round++) {
      AudioSocketProtocol socket = new AudioSocketProtocol();
      List<PhoneEvent> events = new ArrayList<>();
      for (int from = 0; from < stream.length; ) {
        int to = Math.min(stream.length, from + 1 + random.nextInt(400));
        events.addAll(socket.binary(Arrays.copyOfRange(stream, from, to)));
        from = to;
      }
      assertThat(events.stream().map(event -> event.getClass().getSimpleName()))
          .containsExactly("Started", "Audio", "KeyPressed", "Audio", "Ended");
    }
  }

  /** Each with the messages that begin a stream, as text or as bytes. */
  static Stream<Sample> samples() {
    byte[] call = AudioSocketProtocol.message(AudioSocketProtocol.CALL, new byte[16]).bytes();
    byte[] piece = AudioSocketProtocol.message(AudioSocketProtocol.AUDIO_8K, new byte[64]).bytes();
    return Stream.of(
        new Sample(
            TwilioProtocol::new,
            List.of(TWILIO_START, twilioMedia(20, new byte[160]), twilioMedia(40, new byte[160]))),
        new Sample(TelnyxProtocol::new, List.of(TELNYX_START, telnyxMedia(1), telnyxMedia(2))),
        new Sample(() -> new VonageProtocol("v"), List.of(VONAGE_START, new byte[640])),
        new Sample(
            AudioHookProtocol::new,
            List.of(AUDIOHOOK_OPEN, hook(2, 1, "ping", "{}"), new byte[160])),
        new Sample(AsteriskProtocol::new, List.of(ASTERISK_START, new byte[160])),
        new Sample(AudioSocketProtocol::new, List.of(concatenation(call, piece, piece))));
  }

  @ParameterizedTest
  @MethodSource("samples")
  void mutatedStreamsGiveEventsOrTheProtocolsErrorAndNothingElse(Sample sample) {
    Random random = new Random(11);
    int refused = 0;
    for (int round = 0; round < 10_000; round++) {
      MediaProtocol protocol = sample.protocol.get();
      try {
        for (Object message : mutated(sample.messages, random)) {
          List<PhoneEvent> events =
              message instanceof String text
                  ? protocol.text(text)
                  : protocol.binary((byte[]) message);
          assertThat(events).doesNotContainNull();
        }
      } catch (MediaProtocolException e) {
        refused++;
        assertThat(e.closeCode()).isIn(1002, 1003, 1007, 1008, 1009);
        assertThat(e.getMessage()).isNotBlank().hasSizeLessThan(1000);
      }
    }
    // Some mutations hit a field that does not matter, but most do.
    assertThat(refused).isBetween(2_000, 9_999);
  }

  @ParameterizedTest
  @MethodSource("samples")
  void whatIsTooLargeOrOfTheOtherKindIsRefused(Sample sample) throws MediaProtocolException {
    assertThatThrownBy(() -> sample.protocol.get().text("{\"a\":\"" + "x".repeat(70_000) + "\"}"))
        .isInstanceOf(MediaProtocolException.class);
    assertThatThrownBy(() -> sample.protocol.get().text("[".repeat(60_000)))
        .isInstanceOf(MediaProtocolException.class);
    MediaProtocol open = sample.protocol.get();
    for (Object message : sample.messages) {
      if (message instanceof String text) {
        open.text(text);
      } else {
        open.binary((byte[]) message);
      }
    }
    assertThatThrownBy(() -> open.binary(largest())).isInstanceOf(MediaProtocolException.class);
  }

  private static byte[] largest() {
    byte[] bytes = new byte[70_001];
    Arrays.fill(bytes, (byte) 0x7E);
    return bytes;
  }

  private static List<Object> mutated(List<Object> messages, Random random) {
    List<Object> all = new ArrayList<>(messages);
    switch (random.nextInt(5)) {
      case 0 -> java.util.Collections.swap(all, 0, random.nextInt(all.size()));
      case 1 -> all.add(random.nextInt(all.size() + 1), all.get(random.nextInt(all.size())));
      case 2 -> all.remove(random.nextInt(all.size()));
      default -> {
        int which = random.nextInt(all.size());
        all.set(which, mutated(all.get(which), random));
      }
    }
    return all;
  }

  private static Object mutated(Object message, Random random) {
    if (message instanceof byte[] bytes) {
      byte[] changed = Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
      for (int i = 0; i < 3 && changed.length > 0; i++) {
        changed[random.nextInt(changed.length)] = (byte) random.nextInt();
      }
      return changed;
    }
    StringBuilder text = new StringBuilder((String) message);
    for (int i = 0; i <= random.nextInt(4); i++) {
      int at = random.nextInt(text.length());
      switch (random.nextInt(3)) {
        case 0 -> text.setCharAt(at, (char) random.nextInt(0x250));
        case 1 -> text.insert(at, "{}[]\",:0-e".charAt(random.nextInt(10)));
        default -> text.deleteCharAt(at);
      }
    }
    return text.toString();
  }

  private static List<Integer> audio(List<PhoneEvent> events) {
    List<Integer> bytes = new ArrayList<>();
    for (PhoneEvent event : events) {
      for (byte each : ((PhoneEvent.Audio) event).bytes()) {
        bytes.add((int) each);
      }
    }
    return bytes;
  }

  private static String twilioMedia(int timestamp, byte[] samples) {
    return "{\"event\":\"media\",\"streamSid\":\"MZ1\",\"media\":{\"track\":\"inbound\","
        + "\"chunk\":\"1\",\"timestamp\":\""
        + timestamp
        + "\",\"payload\":\""
        + Base64.getEncoder().encodeToString(samples)
        + "\"}}";
  }

  private static String telnyxMedia(int chunk) {
    return "{\"event\":\"media\",\"stream_id\":\"s1\",\"media\":{\"track\":\"inbound\","
        + "\"chunk\":\""
        + chunk
        + "\",\"payload\":\""
        + Base64.getEncoder().encodeToString(new byte[] {(byte) chunk})
        + "\"}}";
  }

  private static String hook(int seq, int serverSeq, String type, String parameters) {
    return "{\"version\":\"2\",\"type\":\""
        + type
        + "\",\"seq\":"
        + seq
        + ",\"serverseq\":"
        + serverSeq
        + ",\"id\":\"a1\",\"position\":\"PT1S\",\"parameters\":"
        + parameters
        + "}";
  }

  private static byte[] concatenation(byte[]... parts) {
    java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  private static WireMessage.Text text(String json) {
    return new WireMessage.Text(json);
  }

  private record Sample(Supplier<MediaProtocol> protocol, List<Object> messages) {
    @Override
    public String toString() {
      return protocol.get().getClass().getSimpleName();
    }
  }
}
