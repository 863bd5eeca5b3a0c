package io.antiphon.operators.dialogue;

import io.antiphon.operators.flink.KeyedStateStore;
import io.antiphon.operators.message.ConversationMessage.Groups;
import io.antiphon.operators.message.GroupsSerializer;
import io.antiphon.operators.state.StoredSequences;
import java.util.List;
import org.apache.flink.runtime.state.KeyedStateBackend;
import org.jspecify.annotations.Nullable;

/**
 * The logs of dialogues. What a dialogue remembers and what its caller is saying now only grow from
 * checkpoint to checkpoint; they lie piece by piece beside the rest, which changes as a whole.
 */
final class DialogueStateStore extends KeyedStateStore<DialogueState> {
  private final StoredSequences<Exchange> rounds;
  private final StoredSequences<Groups> listening;

  DialogueStateStore(KeyedStateBackend<String> backend, String name) throws Exception {
    super(backend, name, new DialogueStateSerializer());
    rounds = StoredSequences.of(backend, name + "-rounds", new ExchangeSerializer());
    listening = StoredSequences.of(backend, name + "-listening", new GroupsSerializer());
  }

  @Override
  public DialogueState whole(String conversation, DialogueState value) throws Exception {
    return value.with(rounds.read(conversation), listening.read(conversation));
  }

  @Override
  public void writeParts(String conversation, @Nullable DialogueState log) throws Exception {
    rounds.write(conversation, log == null ? List.of() : log.rounds());
    listening.write(conversation, log == null ? List.of() : log.listening());
  }

  @Override
  public int bytesOfParts(String conversation) {
    return rounds.bytes(conversation) + listening.bytes(conversation);
  }
}
