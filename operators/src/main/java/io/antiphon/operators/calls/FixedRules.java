package io.antiphon.operators.calls;

import io.antiphon.analytics.rules.RuleSetException;
import io.antiphon.analytics.rules.RuleSetReader;
import io.antiphon.operators.input.DeadLetters;
import io.antiphon.operators.input.DecodeFunction;
import io.antiphon.operators.message.InboundEvent;
import io.antiphon.operators.message.InboundRecord;
import io.antiphon.schemas.ConversationStarted;
import io.antiphon.serde.RecordDecodingException;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Decodes raw records of calls that all have the same rules. A record that cannot be decoded
 * becomes a dead letter.
 */
final class FixedRules extends ProcessFunction<InboundRecord, CallInput> {
  private static final long serialVersionUID = 1L;

  private final String rules;
  private final int maximumBytes;

  /**
   * @param rules as JSON; empty for none
   * @throws RuleSetException with everything that is wrong with them
   */
  FixedRules(String rules, int maximumBytes) throws RuleSetException {
    if (!rules.isEmpty()) {
      RuleSetReader.read(rules);
    }
    this.rules = rules;
    this.maximumBytes = maximumBytes;
  }

  @Override
  public void processElement(InboundRecord record, Context context, Collector<CallInput> out) {
    try {
      InboundEvent event = DecodeFunction.decode(record, maximumBytes);
      boolean begins = event.event().getBody() instanceof ConversationStarted;
      out.collect(new RuledEvent(event, begins ? rules : ""));
    } catch (RecordDecodingException e) {
      context.output(
          DeadLetters.TAG, DeadLetters.of(record, e.code(), e.getMessage(), maximumBytes));
    }
  }
}
