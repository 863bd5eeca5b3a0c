package io.antiphon.operators.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.antiphon.operators.dialogue.Exchange;
import io.antiphon.operators.dialogue.ExchangeSerializer;
import io.antiphon.operators.dialogue.UserTurn;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.state.MapState;
import org.junit.jupiter.api.Test;

/** Only what changed is written. */
class StoredSequencesTest {
  private final Elements state = new Elements();
  private final StoredSequences<Exchange> sequences =
      new StoredSequences<>(state, new ExchangeSerializer());
  private final List<Exchange> rounds = new ArrayList<>();

  private void add(String answer) {
    rounds.add(new Exchange(new UserTurn.Written("question"), answer, -1, ""));
  }

  private List<String> write() throws Exception {
    state.operations.clear();
    sequences.write("c", rounds);
    assertThat(state.elements.values()).containsExactlyElementsOf(rounds);
    return List.copyOf(state.operations);
  }

  @Test
  void whatGrowsIsAppended() throws Exception {
    add("a");
    add("b");
    assertThat(write()).containsExactly("put 0", "put 1");
    assertThat(write()).isEmpty();
    add("c");
    assertThat(write()).containsExactly("put 2");
  }

  @Test
  void whatIsForgottenIsRemoved() throws Exception {
    List.of("a", "b", "c").forEach(this::add);
    write();
    rounds.remove(0);
    add("d");
    assertThat(write()).containsExactly("remove 0", "put 3");
    rounds.clear();
    assertThat(write()).containsExactly("remove 1", "remove 2", "remove 3");
    assertThat(sequences.bytes("c")).isZero();
    add("e");
    assertThat(write()).containsExactly("put 0");
  }

  @Test
  void whatIsAmendedIsReplaced() throws Exception {
    List.of("a", "b", "c").forEach(this::add);
    write();
    rounds.remove(2);
    add("heard");
    assertThat(write()).containsExactly("remove 2", "put 3");
  }

  @Test
  void whatIsReadIsNotWrittenAgain() throws Exception {
    List.of("a", "b").forEach(this::add);
    write();
    StoredSequences<Exchange> restored = new StoredSequences<>(state, new ExchangeSerializer());
    List<Exchange> read = restored.read("c");
    assertThat(read).isEqualTo(rounds);
    assertThat(restored.bytes("c")).isEqualTo(sequences.bytes("c")).isPositive();
    state.operations.clear();
    restored.write("c", read);
    assertThat(state.operations).isEmpty();
  }

  /** The state of one key that writes down what is done to it. */
  private static final class Elements implements MapState<Long, Exchange> {
    private final TreeMap<Long, Exchange> elements = new TreeMap<>();
    private final List<String> operations = new ArrayList<>();

    @Override
    public Exchange get(Long key) {
      return elements.get(key);
    }

    @Override
    public void put(Long key, Exchange value) {
      operations.add("put " + key);
      elements.put(key, value);
    }

    @Override
    public void putAll(Map<Long, Exchange> map) {
      map.forEach(this::put);
    }

    @Override
    public void remove(Long key) {
      operations.add("remove " + key);
      elements.remove(key);
    }

    @Override
    public boolean contains(Long key) {
      return elements.containsKey(key);
    }

    @Override
    public Iterable<Map.Entry<Long, Exchange>> entries() {
      return elements.entrySet();
    }

    @Override
    public Iterable<Long> keys() {
      return elements.keySet();
    }

    @Override
    public Iterable<Exchange> values() {
      return elements.values();
    }

    @Override
    public Iterator<Map.Entry<Long, Exchange>> iterator() {
      return elements.entrySet().iterator();
    }

    @Override
    public boolean isEmpty() {
      return elements.isEmpty();
    }

    @Override
    public void clear() {
      elements.clear();
    }
  }
}
