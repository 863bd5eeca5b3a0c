package io.antiphon.operators.dialogue;

import io.antiphon.operators.message.ConversationSettings;
import io.antiphon.operators.state.RecordFormat;
import io.antiphon.operators.state.StateEncoding;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a conversation goes back to behind an answer that is made with other settings or from
 * something else than its history.
 *
 * @param rounds the history, null where the answer is made from it and joins it
 */
public record OwnContext(ConversationSettings settings, @Nullable List<Exchange> rounds) {
  static final RecordFormat<OwnContext> FORMAT =
      RecordFormat.of("own context", 1, OwnContext::write, OwnContext::read);

  private static void write(OwnContext value, DataOutput out) throws IOException {
    ConversationSettings.FORMAT.put(value.settings, out);
    StateEncoding.writeList(value.rounds, Exchange.FORMAT::put, out);
  }

  private static OwnContext read(int version, DataInput in) throws IOException {
    return new OwnContext(
        ConversationSettings.FORMAT.get(in),
        StateEncoding.readListOrNull(Exchange.FORMAT::get, in));
  }
}
