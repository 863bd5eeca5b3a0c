package io.antiphon.operators;

import io.antiphon.operators.ConversationMessage.Groups;
import java.util.List;
import org.apache.flink.runtime.state.KeyedStateBackend;

/**
 * The logs of dialogues. What a dialogue remembers and what its caller is saying now only grow from
 * checkpoint to checkpoint; they lie piece by piece beside the rest, which changes as a whole.
 */
final class DialogueLogs extends KeyedLogs<DialogueLog> {
  private final StoredSequences<Round> rounds;
  private final StoredSequences<Groups> listening;

  DialogueLogs(KeyedStateBackend<String> backend, String name) throws Exception {
    super(backend, name, new DialogueLogSerializer());
    rounds = StoredSequences.of(backend, name + "-rounds", new RoundSerializer());
    listening = StoredSequences.of(backend, name + "-listening", new GroupsSerializer());
  }

  @Override
  DialogueLog whole(String conversation, DialogueLog value) throws Exception {
    if (!value.rounds().isEmpty() || !value.listening().isEmpty()) {
      // A value of version 1. At once, because a backend on the heap writes every value anew at the
      // next checkpoint, in version 2.
      write(conversation, value);
      return value;
    }
    return value.with(rounds.read(conversation), listening.read(conversation));
  }

  @Override
  void writeParts(String conversation, DialogueLog log) throws Exception {
    rounds.write(conversation, log == null ? List.of() : log.rounds());
    listening.write(conversation, log == null ? List.of() : log.listening());
  }

  @Override
  int bytesOfParts(String conversation) {
    return rounds.bytes(conversation) + listening.bytes(conversation);
  }
}
