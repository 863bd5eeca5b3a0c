package io.antiphon.analytics.redaction;

import io.antiphon.analytics.text.Token;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the words said so far let expect: a number, a name, an e-mail or an address that is given in
 * pieces, over several utterances, or as an answer to the other party.
 */
final class Expectation {
  private static final int UTTERANCES = 4;

  private int number;
  private int email;
  private int birth;
  private final int[] name = new int[2];
  private final int[] address = new int[2];
  private final boolean[] endedInSymbols = new boolean[2];

  boolean number() {
    return number > 0;
  }

  boolean email() {
    return email > 0;
  }

  boolean birth() {
    return birth > 0;
  }

  /** The other party asked for a name just before. */
  boolean name(int channel) {
    return name[channel] > 0;
  }

  boolean address(int channel) {
    return address[channel] > 0;
  }

  /** The channel's last utterance ended within a number or something spelled. */
  boolean goesOn(int channel) {
    return endedInSymbols[channel];
  }

  /**
   * Takes an utterance, after it was judged.
   *
   * @param masks of its words. Who says "Oak Street" asks nobody for an address, so that a masked
   *     word lets nothing be expected.
   */
  void said(
      int channel,
      List<Token> tokens,
      @Nullable PersonalData[] masks,
      boolean maskedNumber,
      boolean endsInSymbols) {
    number = Math.max(maskedNumber ? 2 : 0, number - 1);
    email = Math.max(0, email - 1);
    birth = Math.max(0, birth - 1);
    name[channel] = Math.max(0, name[channel] - 1);
    address[channel] = Math.max(0, address[channel] - 1);
    endedInSymbols[channel] = endsInSymbols;
    int other = 1 - channel;
    for (Token token : tokens) {
      if (masks[token.word()] != null) {
        continue;
      }
      String text = token.text();
      if (Vocabulary.NUMBER_FOLLOWS.contains(text) || text.startsWith("spell")) {
        number = UTTERANCES;
      }
      switch (text) {
        case "email", "mail", "e-mail" -> email = UTTERANCES;
        case "birth", "born", "birthday" -> birth = UTTERANCES;
        case "name", "surname", "called", "names" -> name[other] = 2;
        case "address", "street", "live" -> address[other] = 2;
        default -> {}
      }
    }
  }

  /** Words of daily use may be a part of what is expected of a channel. */
  boolean anyWords(int channel) {
    return email() || address(channel);
  }

  void save(DataOutput out) throws IOException {
    out.writeInt(number);
    out.writeInt(email);
    out.writeInt(birth);
    for (int channel = 0; channel < 2; channel++) {
      out.writeInt(name[channel]);
      out.writeInt(address[channel]);
      out.writeBoolean(endedInSymbols[channel]);
    }
  }

  void load(DataInput in) throws IOException {
    number = in.readInt();
    email = in.readInt();
    birth = in.readInt();
    for (int channel = 0; channel < 2; channel++) {
      name[channel] = in.readInt();
      address[channel] = in.readInt();
      endedInSymbols[channel] = in.readBoolean();
    }
  }
}
