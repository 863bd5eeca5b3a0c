package io.antiphon.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.antiphon.operators.calls.Summarizer;
import io.antiphon.operators.message.InboundRecord;
import io.antiphon.runtime.Bundle;
import io.antiphon.runtime.HostClosedException;
import io.antiphon.schemas.CallSummary;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Calls whose summaries a model writes: the end of a call waits for the text. */
class CallSummariesTest {
  @TempDir static Path directory;
  private static Bundle bundle;

  @BeforeAll
  static void load() throws Exception {
    bundle = Chain.bundle(directory);
  }

  private static CallHarness open(Summarizer summarizer, OperatorSubtaskState state)
      throws Exception {
    return new CallHarness(bundle, CallStory.RULES, CallStory.TRANSCRIBER, summarizer, state);
  }

  /** The whole call, up to where only the text of its summary is awaited. */
  private static CallHarness upToTheSummary(Summarizer summarizer) throws Exception {
    CallHarness calls = open(summarizer, null);
    calls.send(CallStory.records(new Script("c")).toArray(InboundRecord[]::new));
    while (calls.summariesAsked == 0) {
      assertThat(calls.summaries).isEmpty();
      calls.recognise(1);
    }
    return calls;
  }

  private static CallSummary whole(Summarizer summarizer) throws Exception {
    try (CallHarness calls = upToTheSummary(summarizer)) {
      return calls.settle().summaries.get(0);
    }
  }

  private static CallSummary byTheTemplate() throws Exception {
    try (CallHarness calls = open(null, null)) {
      calls.send(CallStory.records(new Script("c")).toArray(InboundRecord[]::new)).settle();
      return calls.summaries.get(0);
    }
  }

  @Test
  void onlyTheTextIsAnother() throws Exception {
    CallSummary template = byTheTemplate();
    CallSummary model = whole(CallStory.SUMMARIZER);
    assertThat(template.getSummarySource()).isEqualTo("TEMPLATE");
    assertThat(template.getSummary()).startsWith("The call lasted 23 s.");
    assertThat(model.getSummarySource()).isEqualTo("MODEL");
    assertThat(model.getSummary()).startsWith("After 8 utterances \"hello and good morning");
    assertThat(model.getSummaryOmittedSegments()).isEqualTo(2);
    assertThat(
            CallSummary.newBuilder(model)
                .setSummary(template.getSummary())
                .setSummarySource("TEMPLATE")
                .setSummaryOmittedSegments(0)
                .build())
        .isEqualTo(template);
  }

  /** Only what may leave is given to whoever writes. */
  @Test
  void whatIsToBeMaskedIsNotRead() throws Exception {
    List<String> read = new ArrayList<>();
    whole(
        (name, transcript) -> {
          transcript.forEach(each -> read.add(each.role() + " " + each));
          return CompletableFuture.completedFuture(Optional.empty());
        });
    assertThat(read)
        .hasSizeGreaterThan(5)
        .allSatisfy(each -> assertThat(each).containsPattern("AGENT|CUSTOMER").contains("[CARD]"))
        .noneMatch(each -> each.contains("four one"));
  }

  @Test
  void whatCannotBeWrittenIsTheTemplates() throws Exception {
    CallSummary template = byTheTemplate();
    assertThat(whole((name, transcript) -> CompletableFuture.completedFuture(Optional.empty())))
        .isEqualTo(template);
    assertThat(
            whole(
                (name, transcript) ->
                    CompletableFuture.failedFuture(new IllegalStateException("too long"))))
        .isEqualTo(template);
  }

  @Test
  void aHostThatEndedEndsTheTask() throws Exception {
    try (CallHarness calls =
        upToTheSummary(
            (name, transcript) ->
                CompletableFuture.failedFuture(new HostClosedException("closed")))) {
      assertThatThrownBy(calls::settle).hasRootCauseInstanceOf(HostClosedException.class);
    }
  }

  /** It is asked for again, and told once. */
  @Test
  void restoredWhileTheTextIsAwaitedItIsUndisturbed() throws Exception {
    CallSummary expected = whole(CallStory.SUMMARIZER);
    OperatorSubtaskState state;
    try (CallHarness calls = upToTheSummary(CallStory.SUMMARIZER)) {
      state = calls.snapshot();
      assertThat(calls.settle().summaries).as("lost with the failure").containsExactly(expected);
    }
    OperatorSubtaskState told;
    try (CallHarness calls = open(CallStory.SUMMARIZER, state)) {
      assertThat(calls.summariesAsked).isEqualTo(1);
      assertThat(calls.send().summaries).isEmpty();
      assertThat(calls.settle().summaries).containsExactly(expected);
      told = calls.snapshot();
    }
    try (CallHarness calls = open(CallStory.SUMMARIZER, told)) {
      assertThat(calls.settle().summaries).isEmpty();
      assertThat(calls.summariesAsked).isZero();
      calls.advance(CallHarness.IDLE).advance(CallHarness.IDLE);
      assertThat(calls.stateBytesAfterSnapshot()).as("forgotten").isZero();
    }
  }

  /** Nobody waits for a text that is not asked for any more. */
  @Test
  void restoredWithTheTemplateTheTextIsTheTemplates() throws Exception {
    OperatorSubtaskState state;
    try (CallHarness calls = upToTheSummary(CallStory.SUMMARIZER)) {
      state = calls.snapshot();
    }
    try (CallHarness calls = open(null, state)) {
      assertThat(calls.send().summaries).containsExactly(byTheTemplate());
    }
  }

  @Test
  void theEndOfInputWaitsForTheText() throws Exception {
    try (CallHarness calls = upToTheSummary(CallStory.SUMMARIZER)) {
      assertThat(calls.endInput().summaries).containsExactly(whole(CallStory.SUMMARIZER));
    }
  }

  /** However long it takes, the call is neither summarised twice nor forgotten without. */
  @Test
  void aCallIsNotForgottenWhileItsTextIsAwaited() throws Exception {
    try (CallHarness calls = upToTheSummary(CallStory.SUMMARIZER)) {
      for (int i = 0; i < 3; i++) {
        assertThat(calls.advance(CallHarness.IDLE).summaries).isEmpty();
      }
      assertThat(calls.settle().summaries).containsExactly(whole(CallStory.SUMMARIZER));
    }
  }
}
