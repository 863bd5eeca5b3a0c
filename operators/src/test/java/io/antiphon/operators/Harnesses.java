package io.antiphon.operators;

import java.util.List;
import java.util.Queue;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.tasks.mailbox.Mail;
import org.apache.flink.streaming.runtime.tasks.mailbox.TaskMailbox;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;

/** What moves between the harnesses of operators. */
final class Harnesses {
  private Harnesses() {}

  /** Runs what was handed to an operator's thread; returns whether there was something. */
  static boolean runMails(OneInputStreamOperatorTestHarness<?, ?> stage) throws Exception {
    TaskMailbox mailbox = stage.getTaskMailbox();
    boolean moved = false;
    for (var mail = mailbox.tryTake(TaskMailbox.MIN_PRIORITY);
        mail.isPresent();
        mail = mailbox.tryTake(TaskMailbox.MIN_PRIORITY)) {
      Mail taken = mail.get();
      taken.run();
      moved = true;
    }
    return moved;
  }

  /** Hands on what one operator gave out; returns whether there was something. */
  static <T> boolean pass(
      OneInputStreamOperatorTestHarness<?, T> from, OneInputStreamOperatorTestHarness<T, ?> to)
      throws Exception {
    boolean moved = false;
    for (Object next = from.getOutput().poll(); next != null; next = from.getOutput().poll()) {
      @SuppressWarnings("unchecked") // the harness's queue is of objects
      StreamRecord<T> record = (StreamRecord<T>) next;
      to.processElement(record);
      moved = true;
    }
    return moved;
  }

  /** Empties a side output, which is null before its first record. */
  static <T> void take(Queue<StreamRecord<T>> from, List<T> to) {
    if (from != null) {
      for (StreamRecord<T> next = from.poll(); next != null; next = from.poll()) {
        to.add(next.getValue());
      }
    }
  }
}
