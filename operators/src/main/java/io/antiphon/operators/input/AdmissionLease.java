package io.antiphon.operators.input;

import io.antiphon.operators.message.ConversationSettings;
import io.antiphon.runtime.Admission;
import io.antiphon.runtime.manifest.GenerationMode;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a conversation holds of the host's capacity. Owns its place: none before it is accepted,
 * while it rests and after its end.
 */
final class AdmissionLease {
  private final Admission admission;
  private int contexts;
  private Admission.@Nullable Place place;

  AdmissionLease(Admission admission) {
    this.admission = admission;
  }

  /** Asks for a new conversation; gives the refusal if it is one. */
  Optional<Admission.Refused> ask(ConversationSettings settings) {
    contexts = contexts(settings);
    Admission.Decision decision = admission.request(contexts);
    if (decision instanceof Admission.Refused refused) {
      return Optional.of(refused);
    }
    place = ((Admission.Accepted) decision).place();
    return Optional.empty();
  }

  /** Takes the place of a conversation that was accepted before a restore. */
  void restore(ConversationSettings settings) {
    contexts = contexts(settings);
    wake();
  }

  /** Takes the place again after a rest. */
  void wake() {
    if (place == null) {
      place = admission.resume(contexts);
    }
  }

  /**
   * The conversation changed its settings; what it needs more or less counts from its next rest.
   */
  void change(ConversationSettings settings) {
    contexts = contexts(settings);
  }

  /** When a conversation that was last heard then begins to rest, in milliseconds. */
  long restsAt(long lastEventAt) {
    return place == null ? Long.MAX_VALUE : lastEventAt + admission.idleAfter().toMillis();
  }

  /** Gives the place back: for a rest, or for ever. */
  void giveBack() {
    if (place != null) {
      place.close();
      place = null;
    }
  }

  /**
   * The transcript of what the caller says is made in a context of its own, and so is the one by
   * which it is judged whether a turn is over; never both at once.
   */
  private static int contexts(ConversationSettings settings) {
    boolean written = settings.transcribeInput() && settings.mode() != GenerationMode.TRANSCRIBE;
    return written || settings.turns().unfinishedSilenceMillis() > 0 ? 2 : 1;
  }
}
