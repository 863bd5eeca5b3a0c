package io.antiphon.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.antiphon.schemas.CallEvent;
import io.antiphon.schemas.CallMetrics;
import io.antiphon.schemas.CallSegment;
import io.antiphon.schemas.ParticipantMetrics;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a supervisor sees of running calls, made of {@code call-metrics}, {@code call-segments} and
 * {@code call-events} in any order and any number of times: of each identity the highest revision
 * counts.
 *
 * <p>Thread safe. Bounded: {@value #MOST_CALLS} calls, those that nothing came of and nobody looked
 * at for longest go first; {@value #MOST_SEGMENTS} segments and as many events of each.
 */
final class LiveCallBoard {
  static final int MOST_CALLS = 2000;
  static final int MOST_SEGMENTS = 1000;

  /** Calls for which nothing speaks come last, in the order of their ids. */
  private static final Comparator<Call> WORST_FIRST =
      Comparator.comparing((Call call) -> call.ended)
          .thenComparing(call -> -call.alerts().size())
          .thenComparing(Call::sentiment)
          .thenComparing(Call::trend)
          .thenComparing(call -> -call.longestSilence())
          .thenComparing(call -> call.id);

  private static final ObjectMapper JSON = new ObjectMapper();

  private static final class Call {
    private final String id;
    private final TreeMap<String, CallSegment> segments = new TreeMap<>();
    private final TreeMap<String, CallEvent> events = new TreeMap<>();
    private @Nullable CallMetrics metrics;
    private boolean ended;

    Call(String id) {
      this.id = id;
    }

    List<String> alerts() {
      return metrics == null ? List.of() : metrics.getAlerts();
    }

    /** Low is bad; nothing known is neither good nor bad. */
    double sentiment() {
      Double sentiment = metrics == null ? null : metrics.getFigures().getSentiment();
      return sentiment == null ? 0 : sentiment;
    }

    double trend() {
      Double trend = metrics == null ? null : metrics.getSentimentTrend();
      return trend == null ? 0 : trend;
    }

    long longestSilence() {
      return metrics == null ? 0 : metrics.getFigures().getLongestNonTalkMillis();
    }
  }

  /** By what came last or was looked at, the oldest first. */
  @GuardedBy("this")
  private final LinkedHashMap<String, Call> calls = new LinkedHashMap<>(16, 0.75f, true);

  @GuardedBy("this")
  private long unreadable;

  /** A record was another release's. */
  synchronized void unreadable() {
    unreadable++;
  }

  synchronized void add(CallMetrics metrics) {
    Call call = call(metrics.getConversationId());
    if (call.metrics == null || call.metrics.getRevision() < metrics.getRevision()) {
      call.metrics = metrics;
      call.ended |= metrics.getEnded();
    }
  }

  synchronized void add(CallSegment segment) {
    TreeMap<String, CallSegment> segments = call(segment.getConversationId()).segments;
    segments.merge(
        String.format("%012d %s", segment.getBeginMillis(), segment.getSegmentId()),
        segment,
        (before, after) -> after.getRevision() > before.getRevision() ? after : before);
    if (segments.size() > MOST_SEGMENTS) {
      segments.pollFirstEntry();
    }
  }

  synchronized void add(CallEvent event) {
    Call call = call(event.getConversationId());
    call.events.merge(
        String.format("%012d %s", event.getBeginMillis(), event.getEventId()),
        event,
        (before, after) -> after.getRevision() > before.getRevision() ? after : before);
    call.ended |= event.getKind().equals("CALL_ENDED");
    if (call.events.size() > MOST_SEGMENTS) {
      call.events.pollFirstEntry();
    }
  }

  @GuardedBy("this")
  private Call call(String id) {
    Call call = calls.computeIfAbsent(id, Call::new);
    if (calls.size() > MOST_CALLS) {
      Iterator<String> oldest = calls.keySet().iterator();
      oldest.next();
      oldest.remove();
    }
    return call;
  }

  /** All calls, those that last worst first, then those that are over. */
  synchronized String calls() {
    List<Call> sorted = new ArrayList<>(calls.values());
    sorted.sort(WORST_FIRST);
    ObjectNode all = JSON.createObjectNode().put("unreadable", unreadable);
    ArrayNode lines = all.putArray("calls");
    sorted.forEach(each -> lines.add(line(each)));
    return all.toString();
  }

  /** One call with all that was said and happened; none for an id that is not known. */
  synchronized Optional<String> whole(String id) {
    if (!calls.containsKey(id)) {
      return Optional.empty();
    }
    Call call = calls.get(id);
    ObjectNode node = line(call);
    ArrayNode segments = node.putArray("segments");
    for (CallSegment each : call.segments.values()) {
      segments
          .addObject()
          .put("channel", each.getChannel())
          .put("role", each.getRole())
          .put("begin", each.getBeginMillis())
          .put("end", each.getEndMillis())
          .put("text", each.getText())
          .put("last", each.getLast())
          .put("sentiment", each.getSentiment());
    }
    ArrayNode events = node.putArray("events");
    for (CallEvent each : call.events.values()) {
      events
          .addObject()
          .put("kind", each.getKind())
          .put("name", each.getName())
          .put("channel", each.getChannel())
          .put("role", each.getRole())
          .put("begin", each.getBeginMillis())
          .put("end", each.getEndMillis())
          .put("detail", each.getDetail());
    }
    return Optional.of(node.toString());
  }

  private static ObjectNode line(Call call) {
    ObjectNode node = JSON.createObjectNode().put("id", call.id).put("ended", call.ended);
    CallMetrics metrics = call.metrics;
    if (metrics == null) {
      return node.put("duration", 0);
    }
    ArrayNode talk = node.putArray("talk");
    for (ParticipantMetrics each : metrics.getFigures().getParticipants()) {
      talk.addObject()
          .put("who", each.getParticipantId())
          .put("role", each.getRole())
          .put("millis", each.getTalkMillis());
    }
    metrics.getAlerts().forEach(node.putArray("alerts")::add);
    metrics.getCategories().forEach(node.putArray("categories")::add);
    return node.put("queue", metrics.getAttributes().getOrDefault("queue", ""))
        .put("tenant", metrics.getTenant())
        .put("duration", metrics.getFigures().getDurationMillis())
        .put("sentiment", metrics.getFigures().getSentiment())
        .put("trend", metrics.getSentimentTrend())
        .put("silence", metrics.getFigures().getLongestNonTalkMillis())
        .put("hold", metrics.getFigures().getHoldMillis())
        .put("onHold", metrics.getOnHold())
        .put("interruptions", metrics.getFigures().getInterruptions())
        .put("overtalk", metrics.getFigures().getOvertalkMillis())
        .put("lastText", metrics.getLastText());
  }
}
