package io.antiphon.gateway.phone;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.gateway.ManualClock;
import io.antiphon.gateway.configuration.TrunkConfiguration.Provider;
import io.antiphon.gateway.conversation.AnswerEnd;
import io.antiphon.gateway.conversation.AudioPiece;
import io.antiphon.gateway.conversation.ConversationRequest;
import io.antiphon.gateway.phone.PhoneFixture.FakeAccess;
import io.antiphon.gateway.phone.PhoneFixture.FakeLine;
import io.antiphon.gateway.server.Strand;
import io.antiphon.schemas.FinishReason;
import io.antiphon.schemas.StageLatencies;
import io.antiphon.schemas.Usage;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class PhoneCallTest {
  private static final String START =
      """
      {"event":"start","sequenceNumber":"1","streamSid":"MZ1","start":{"streamSid":"MZ1",
       "callSid":"CA1","customParameters":{"from":"+49"},
       "mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1}}}""";
  private static final Pattern MARK = Pattern.compile("\"name\":\"(f[0-9]+)\"");

  private final ManualClock clock = new ManualClock();
  private final FakeConversations conversations = new FakeConversations();
  private final FakeAccess access = new FakeAccess(2);
  private final PhoneCalls calls =
      new PhoneCalls(
          PhoneFixture.context(conversations, access, Runnable::run, clock), clock::nanoTime);
  private final Trunk trunk = PhoneFixture.trunk(Provider.TWILIO, "token");
  private final FakeLine line = new FakeLine();
  private final MediaStream stream = stream(line, PhoneFixture.strand());

  @Test
  void startsAConversationInTheFormatOfTheTelephone() {
    stream.receive(protocol -> protocol.text(START));
    ConversationRequest settings = conversations.only().settings;
    assertThat(settings).isNotNull();
    assertThat(settings.tenant()).isEqualTo("tenant");
    assertThat(settings.instructions()).isEqualTo("Be brief.");
    assertThat(settings.inputFormat()).isEqualTo(ConversationRequest.TELEPHONE);
    assertThat(settings.outputFormat()).isEqualTo(ConversationRequest.TELEPHONE);
    assertThat(settings.attributes())
        .containsEntry("from", "+49")
        .containsEntry("callId", "CA1")
        .containsEntry("trunk", "office");
  }

  @Test
  void whatTheCallerSaysAndPressesGoesToTheConversation() {
    stream.receive(protocol -> protocol.text(START));
    say(stream, new byte[] {1, 2, 3});
    stream.receive(
        protocol ->
            protocol.text("{\"event\":\"dtmf\",\"streamSid\":\"MZ1\",\"dtmf\":{\"digit\":\"5\"}}"));
    say(stream, new byte[] {4});
    assertThat(conversations.only().heard.toByteArray()).containsExactly(1, 2, 3, 4);
    assertThat(conversations.only().acts).containsExactly("key 5");
  }

  @Test
  void anAnswerGoesOutAsFramesAtItsPaceAndIsReportedAsHeard() {
    stream.receive(protocol -> protocol.text(START));
    answer(0, 800);
    assertThat(line.texts("\"media\"")).isEqualTo(11);
    List<Long> sent = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      clock.advanceMillis(20);
      returnMarks(i);
      sent.add(line.texts("\"media\""));
    }
    assertThat(sent.subList(0, 5)).containsExactly(12L, 13L, 14L, 15L, 16L);
    assertThat(sent.get(39)).isEqualTo(40);
    assertThat(conversations.only().acts).containsExactly("played 0 800");
  }

  @Test
  void speechStopsTheAnswerAndTellsHowMuchWasHeard() {
    stream.receive(protocol -> protocol.text(START));
    answer(0, 2_000);
    for (int i = 0; i < 25; i++) {
      clock.advanceMillis(20);
      returnMarks(i);
    }
    conversations.only().listener.speechStarted(700);
    assertThat(line.texts("\"clear\"")).isEqualTo(1);
    // 500 ms by pace; the mark behind 600 ms had not come back.
    assertThat(conversations.only().acts).containsExactly("played 0 500");
    long media = line.texts("\"media\"");
    clock.advanceMillis(1_000);
    assertThat(line.texts("\"media\"")).isEqualTo(media);
  }

  @Test
  void speechDuringAnAnswerInTheMakingInterruptsIt() {
    stream.receive(protocol -> protocol.text(START));
    FakeConversations.Conversation conversation = conversations.only();
    conversation.listener.answerStarted(0, null);
    conversation.listener.audio(0, new AudioPiece(0, 0, new byte[1600], false));
    clock.advanceMillis(100);
    conversation.listener.speechStarted(700);
    conversation.listener.audio(0, new AudioPiece(1, 200, new byte[1600], false));
    end(0, FinishReason.INTERRUPTED);
    clock.advanceMillis(1_000);
    assertThat(conversation.acts).containsExactly("interrupt", "played 0 100");
    assertThat(line.texts("\"media\"")).isEqualTo(10);
    answer(1, 100);
    assertThat(line.texts("\"media\"")).isEqualTo(15);
  }

  @Test
  void silenceTakesThePlaceOfATelephoneThatSendsNothing() {
    stream.receive(protocol -> protocol.text(START));
    say(stream, new byte[160]);
    clock.advanceMillis(400);
    assertThat(conversations.only().heard.size()).isEqualTo(160);
    clock.advanceMillis(1_600);
    int heardMillis = conversations.only().heard.size() / 8;
    assertThat(heardMillis).isBetween(1_800, 2_000);
  }

  @Test
  void aSecondStreamGoesOnWithTheConversation() {
    stream.receive(protocol -> protocol.text(START));
    answer(0, 2_000);
    clock.advanceMillis(400);
    stream.gone();
    clock.advanceMillis(5_000);
    FakeLine next = new FakeLine();
    MediaStream second = stream(next, PhoneFixture.strand());
    second.receive(protocol -> protocol.text(START.replace("MZ1", "MZ2")));
    clock.advanceMillis(2_000);
    assertThat(conversations.opened).hasSize(1);
    assertThat(line.texts("\"media\"") + next.texts("\"media\"")).isEqualTo(100);
    assertThat(next.texts("\"streamSid\":\"MZ2\"")).isEqualTo(next.sent.size());
    // What the lost socket still brings is nobody's.
    say(stream, new byte[] {9});
    assertThat(conversations.only().heard.toByteArray()).doesNotContain(9);
    assertThat(access.open).hasValue(1);
  }

  @Test
  void aLineThatDoesNotComeBackEndsTheCall() {
    stream.receive(protocol -> protocol.text(START));
    stream.gone();
    clock.advanceMillis(29_000);
    assertThat(conversations.only().acts).isEmpty();
    clock.advanceMillis(2_000);
    assertThat(conversations.only().acts).containsExactly("end");
    assertThat(access.open).hasValue(0);
    assertThat(clock.waiting()).isZero();
    assertThat(calls.ended(trunk, "CA1")).isTrue();
  }

  @Test
  void aLineThatComesAfterTheEndIsClosed() {
    stream.receive(protocol -> protocol.text(START));
    PhoneCall call = calls.call(trunk, "CA1").orElseThrow();
    call.hangUp("over");
    FakeLine late = new FakeLine();
    call.attach(late, new TwilioProtocol());
    assertThat(late.sent)
        .singleElement()
        .isInstanceOfSatisfying(
            WireMessage.Close.class, close -> assertThat(close.code()).isEqualTo(1000));
    assertThat(clock.waiting()).isZero();
  }

  @Test
  void aStopEndsEverythingAndLeavesNothingBehind() {
    stream.receive(protocol -> protocol.text(START));
    answer(0, 2_000);
    clock.advanceMillis(100);
    stream.receive(
        protocol -> protocol.text("{\"event\":\"stop\",\"streamSid\":\"MZ1\",\"stop\":{}}"));
    stream.gone();
    assertThat(conversations.only().acts).containsExactly("played 0 100", "end");
    assertThat(access.open).hasValue(0);
    assertThat(clock.waiting()).isZero();
  }

  @Test
  void aMalformedMessageClosesItsStreamAndNoOther() {
    FakeLine other = new FakeLine();
    MediaStream second = stream(other, PhoneFixture.strand());
    stream.receive(protocol -> protocol.text(START));
    second.receive(protocol -> protocol.text(START.replace("CA1", "CA2")));
    stream.receive(protocol -> protocol.text("{\"event\":"));
    assertThat(line.sent)
        .singleElement()
        .isInstanceOfSatisfying(
            WireMessage.Close.class, close -> assertThat(close.code()).isEqualTo(1007));
    say(second, new byte[] {7});
    assertThat(conversations.opened.get(1).heard.toByteArray()).containsExactly(7);
    assertThat(other.sent).isEmpty();
  }

  @Test
  void whereThereIsNoPlaceTheCallIsClosedWithTryAgainLater() {
    conversations.full = true;
    stream.receive(protocol -> protocol.text(START));
    assertThat(line.sent)
        .singleElement()
        .isInstanceOfSatisfying(
            WireMessage.Close.class, close -> assertThat(close.code()).isEqualTo(1013));
    assertThat(access.open).hasValue(0);
    assertThat(clock.waiting()).isZero();
  }

  @Test
  void theTenantsLimitHolds() {
    stream.receive(protocol -> protocol.text(START));
    stream(new FakeLine(), PhoneFixture.strand())
        .receive(protocol -> protocol.text(START.replace("CA1", "CA2")));
    FakeLine third = new FakeLine();
    stream(third, PhoneFixture.strand())
        .receive(protocol -> protocol.text(START.replace("CA1", "CA3")));
    assertThat(third.sent)
        .singleElement()
        .isInstanceOfSatisfying(
            WireMessage.Close.class, close -> assertThat(close.reason()).contains("sessions"));
    assertThat(conversations.opened).hasSize(2);
  }

  private MediaStream stream(FakeLine to, Strand strand) {
    return new MediaStream(calls, trunk, new TwilioProtocol(), to, strand, "127.0.0.1");
  }

  private static void say(MediaStream stream, byte[] samples) {
    stream.receive(
        protocol ->
            protocol.text(
                "{\"event\":\"media\",\"streamSid\":\"MZ1\",\"media\":{\"payload\":\""
                    + Base64.getEncoder().encodeToString(samples)
                    + "\"}}"));
  }

  private void answer(int turn, int millis) {
    FakeConversations.Conversation conversation = conversations.only();
    conversation.listener.answerStarted(turn, null);
    conversation.listener.audio(turn, new AudioPiece(0, 0, new byte[millis * 8], true));
    end(turn, FinishReason.STOP);
  }

  private void end(int turn, FinishReason reason) {
    conversations
        .only()
        .listener
        .answerEnded(
            turn, new AnswerEnd("text", reason, new Usage(), new StageLatencies(), 0, null));
  }

  /** As a provider does: a mark comes back when what stands before it has been played. */
  private void returnMarks(int frame) {
    for (WireMessage message : List.copyOf(line.sent)) {
      if (message instanceof WireMessage.Text text) {
        Matcher mark = MARK.matcher(text.text());
        if (mark.find() && mark.group(1).equals("f" + frame)) {
          stream.receive(
              protocol ->
                  protocol.text(
                      "{\"event\":\"mark\",\"streamSid\":\"MZ1\",\"mark\":{\"name\":\"f"
                          + frame
                          + "\"}}"));
        }
      }
    }
  }
}
