package io.antiphon.operators.input;

import io.antiphon.operators.message.InboundEvent;
import io.antiphon.operators.message.InboundEventSerializer;
import io.antiphon.operators.message.InboundRecord;
import io.antiphon.operators.message.InboundRecordSerializer;
import io.antiphon.operators.state.RecordFormat;
import io.antiphon.operators.state.StateEncoding;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Puts a conversation's records into the order of their sequence numbers. Owns the next sequence
 * number, the last Kafka offset, the records that came too early, the numbers given up as missing
 * and the run of records that jump far ahead.
 *
 * <p>A record a little ahead is held until the missing ones come or nothing has come for the
 * waiting time. One far ahead is not trusted until {@value #TRUSTED_RUN} in a row continue each
 * other. A missing one that comes after it was given up is still used.
 *
 * <p>A producer that takes over begins a higher epoch and counts anew; what its predecessor still
 * sends is not used.
 */
public final class EventOrder {
  /** What becomes of a record. */
  public enum Verdict {
    /** Its turn is now. */
    NOW,
    /** Kept for later. */
    HELD,
    /** Its sequence number was there before. */
    DUPLICATE,
    /** Of a producer from which another has taken over. */
    STALE,
    /** The very record was there before: it is read again. */
    REPLAYED,
    /** Too far ahead. */
    JUMP,
    /** Too far ahead as well, but believed by now: {@link EventOrder#resume} makes it the next. */
    TRUSTED_JUMP
  }

  /** Largest sequence number: what every language's numbers can hold, far from overflow. */
  public static final long LARGEST_SEQUENCE = 1L << 53;

  private static final int TRUSTED_RUN = 3;

  /** Bytes of held records, beyond which the missing ones are not waited for. */
  private static final long MAXIMUM_HELD_BYTES = 1 << 20;

  private static final RecordFormat<EventOrder> FORMAT =
      RecordFormat.into("event order", 2, EventOrder::write, EventOrder::read);

  private final int window;
  private final long waitMillis;
  private final TreeMap<Long, InboundEvent> held = new TreeMap<>();
  private final TreeSet<Long> missing = new TreeSet<>();
  private int epoch;
  private long next;
  private int partition = -1;
  private long offset = -1;
  private long heldSince;
  private long heldBytes;
  private long jumpNext = -1;
  private int jumpRun;

  public EventOrder(int window, long waitMillis) {
    this.window = window;
    this.waitMillis = waitMillis;
  }

  /**
   * Judges a record with a sequence number of 0 to {@link #LARGEST_SEQUENCE}.
   *
   * @param now in milliseconds
   */
  public Verdict offer(InboundEvent event, long now) {
    InboundRecord origin = event.origin();
    if (origin.partition() == partition && origin.offset() <= offset) {
      return Verdict.REPLAYED;
    }
    partition = origin.partition();
    offset = origin.offset();
    if (event.event().getEpoch() < epoch) {
      return Verdict.STALE;
    }
    long sequence = event.event().getSequence();
    if (sequence == next) {
      next++;
      heldSince = now;
      jumpRun = 0;
      return Verdict.NOW;
    }
    if (sequence < next) {
      return missing.remove(sequence) ? Verdict.NOW : Verdict.DUPLICATE;
    }
    if (sequence - next > window) {
      jumpRun = sequence == jumpNext ? jumpRun + 1 : 1;
      jumpNext = sequence + 1;
      return jumpRun < TRUSTED_RUN ? Verdict.JUMP : Verdict.TRUSTED_JUMP;
    }
    if (held.isEmpty()) {
      heldSince = now;
    }
    return hold(event) ? Verdict.HELD : Verdict.DUPLICATE;
  }

  /** The producer's epoch. */
  public int epoch() {
    return epoch;
  }

  /** Another producer has taken over; nothing may be held. */
  public void begin(int higher) {
    epoch = higher;
    next = 0;
    missing.clear();
    jumpRun = 0;
    jumpNext = -1;
  }

  /**
   * Begins the numbering at the record that starts the conversation: what comes before it can never
   * be used, so it is not waited for.
   *
   * @return held records before it, which are given up
   */
  public List<InboundEvent> start(long sequence) {
    List<InboundEvent> useless = new ArrayList<>(held.headMap(sequence).values());
    held.headMap(sequence).clear();
    useless.forEach(event -> heldBytes -= event.bytes());
    next = Math.max(next, sequence);
    return useless;
  }

  /** Whether records wait for missing ones. */
  public boolean holds() {
    return !held.isEmpty();
  }

  private boolean hold(InboundEvent event) {
    if (held.putIfAbsent(event.event().getSequence(), event) != null) {
      return false;
    }
    heldBytes += event.bytes();
    return true;
  }

  /** Whether more is held than may be, so that the first gap is to be given up. */
  public boolean overfull() {
    return heldBytes > MAXIMUM_HELD_BYTES;
  }

  /** The held record whose turn has come, or null. */
  public @Nullable InboundEvent ready() {
    if (held.isEmpty() || held.firstKey() != next) {
      return null;
    }
    next++;
    InboundEvent event = held.pollFirstEntry().getValue();
    heldBytes -= event.bytes();
    return event;
  }

  /** Gives up what is missing before the first held record; null when nothing is held. */
  public @Nullable SequenceGap giveUp() {
    if (held.isEmpty()) {
      return null;
    }
    SequenceGap gap = new SequenceGap(next, held.firstKey() - 1);
    for (long sequence = gap.first(); sequence <= gap.last(); sequence++) {
      missing.add(sequence);
    }
    while (missing.size() > window) {
      missing.pollFirst();
    }
    next = gap.last() + 1;
    return gap;
  }

  /** Goes on after a record that jumped; nothing may be held. */
  public SequenceGap resume(long sequence) {
    SequenceGap gap = new SequenceGap(next, sequence - 1);
    missing.clear();
    jumpRun = 0;
    next = sequence + 1;
    return gap;
  }

  /** When to give up waiting, in milliseconds; {@link Long#MAX_VALUE} when nothing is held. */
  public long deadline() {
    return held.isEmpty() ? Long.MAX_VALUE : heldSince + waitMillis;
  }

  public void save(DataOutput out) throws IOException {
    FORMAT.put(this, out);
  }

  private void write(DataOutput out) throws IOException {
    out.writeInt(epoch);
    out.writeLong(next);
    out.writeInt(partition);
    out.writeLong(offset);
    out.writeLong(jumpNext);
    out.writeInt(jumpRun);
    StateEncoding.writeList(
        List.copyOf(held.values()),
        (event, to) -> InboundRecordSerializer.FORMAT.put(event.origin(), to),
        out);
    StateEncoding.writeList(List.copyOf(missing), (sequence, to) -> to.writeLong(sequence), out);
  }

  /**
   * Reads what {@link #save} wrote.
   *
   * @param now in milliseconds, from when on missing records are waited for
   */
  public void load(DataInput in, long now) throws IOException {
    FORMAT.load(this, in);
    heldSince = now; // what came while nothing ran has not been read yet
  }

  private void read(int version, DataInput in) throws IOException {
    epoch = version < 2 ? 0 : in.readInt();
    next = in.readLong();
    partition = in.readInt();
    offset = in.readLong();
    jumpNext = in.readLong();
    jumpRun = in.readInt();
    for (InboundEvent event : StateEncoding.readList(InboundEventSerializer::get, in)) {
      hold(event);
    }
    missing.addAll(StateEncoding.readList(DataInput::readLong, in));
  }
}
