package io.antiphon.gateway.phone;

import io.antiphon.gateway.GatewayContext;
import io.antiphon.gateway.security.LimitException;
import io.antiphon.gateway.security.Principal;
import io.antiphon.gateway.security.SessionLease;
import io.antiphon.gateway.server.Strand;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The calls of this node by trunk and the provider's name, so that a second stream of a call finds
 * its conversation. Thread safe.
 */
final class PhoneCalls {
  /** How long a conversation waits for another stream of its call. */
  private static final long GRACE_MILLIS = 30_000;

  /** Ended calls that are remembered, so that they are hung up rather than begun anew. */
  private static final int REMEMBERED = 10_000;

  private final GatewayContext context;
  private final LongSupplier nanoTime;
  private final Map<String, PhoneCall> calls = new ConcurrentHashMap<>();
  private final Map<String, Boolean> ended =
      Collections.synchronizedMap(
          new LinkedHashMap<>() {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
              return size() > REMEMBERED;
            }
          });

  PhoneCalls(GatewayContext context, LongSupplier nanoTime) {
    this.context = context;
    this.nanoTime = nanoTime;
    context.metrics().gauge("phone.calls", calls::size);
  }

  /**
   * The call of a stream that starts: a new one, or the one whose stream was lost.
   *
   * @param strand of the stream; the call keeps that of its first one
   */
  PhoneCall start(
      Trunk trunk,
      MediaStart start,
      Strand strand,
      PhoneLine line,
      MediaProtocol protocol,
      String remoteAddress)
      throws LimitException {
    String name = name(trunk, start.callId());
    PhoneCall known = calls.get(name);
    if (known != null && known.start().audio().equals(start.audio())) {
      known.strand().force(() -> known.attach(line, protocol));
      return known;
    }
    SessionLease lease =
        context
            .access()
            .admit(
                Principal.of(trunk.tenant(), "trunk " + trunk.name()),
                trunk.provider().name().toLowerCase(Locale.ROOT),
                remoteAddress);
    PhoneCall call =
        new PhoneCall(
            context,
            trunk,
            lease,
            strand,
            nanoTime,
            start,
            protocol,
            over -> {
              calls.remove(name, over);
              ended.put(name, true);
            });
    calls.put(name, call);
    call.begin(line, protocol);
    return call;
  }

  /**
   * A stream is gone without an end of its call.
   *
   * @param comesBack whether the call may open another one
   */
  void lost(PhoneCall call, PhoneLine line, boolean comesBack) {
    call.strand()
        .force(
            () -> {
              if (!call.detach(line)) {
                return;
              }
              if (!comesBack) {
                call.endUnlessAttached();
              } else {
                context
                    .clock()
                    .schedule(
                        () -> call.strand().force(call::endUnlessAttached),
                        GRACE_MILLIS,
                        TimeUnit.MILLISECONDS);
              }
            });
  }

  /** A call of this node that is not over. */
  Optional<PhoneCall> call(Trunk trunk, String callId) {
    return Optional.ofNullable(calls.get(name(trunk, callId)));
  }

  /** Whether a call's conversation was here and is over. */
  boolean ended(Trunk trunk, String callId) {
    return ended.containsKey(name(trunk, callId));
  }

  /** Hangs up all calls. */
  void hangUpAll(String reason) {
    List.copyOf(calls.values()).forEach(call -> call.strand().force(() -> call.hangUp(reason)));
  }

  private static String name(Trunk trunk, String callId) {
    return trunk.name() + "/" + callId;
  }
}
