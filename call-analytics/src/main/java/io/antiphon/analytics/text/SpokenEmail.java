package io.antiphon.analytics.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * An e-mail address, spoken ("john dot smith ninety nine at example dot com") or written.
 *
 * @param from its first token
 * @param to the token after its last one
 */
public record SpokenEmail(int from, int to) {
  private static final Set<String> TOP_LEVEL =
      Set.of(
          "com", "org", "net", "uk", "de", "fr", "es", "it", "nl", "ie", "at", "ch", "be", "eu",
          "us", "edu", "gov", "io", "info", "biz", "me", "tv", "ca", "au", "nz", "co", "dk", "se",
          "no", "fi", "pl", "pt", "in");
  private static final Set<String> PROVIDERS =
      Set.of(
          "gmail",
          "googlemail",
          "hotmail",
          "yahoo",
          "outlook",
          "icloud",
          "aol",
          "proton",
          "protonmail",
          "gmx",
          "btinternet",
          "live",
          "msn");
  private static final Set<String> JOINTS =
      Set.of("dot", "underscore", "dash", "hyphen", "minus", "plus", "point", "score");
  private static final Set<String> BEFORE =
      Set.of(
          "is", "it's", "its", "address", "email", "mail", "to", "that's", "under", "use", "using",
          "me", "was", "as", "be", "on", "with", "my", "the", "your", "for", "so", "say", "yes",
          "and", "sure", "okay", "write", "please", "right", "down", "have", "got", "well",
          "again");
  private static final int LONGEST_LOCAL_PART = 24;
  private static final int LONGEST_DOMAIN = 8;

  /** The addresses of a text. */
  public static List<SpokenEmail> in(List<Token> tokens) {
    List<SpokenEmail> found = new ArrayList<>();
    int free = 0;
    for (int i = 0; i < tokens.size(); i++) {
      String text = tokens.get(i).text();
      boolean written = text.equals("@");
      if (!written && !text.equals("at") || i < free) {
        continue;
      }
      int to = written ? writtenDomain(tokens, i) : domain(tokens, i + 1);
      if (to > i + 1) {
        int from = written ? wordBegin(tokens, i) : localPart(tokens, i, free);
        found.add(new SpokenEmail(from, to));
        free = to;
      }
    }
    return found;
  }

  private static int writtenDomain(List<Token> tokens, int at) {
    int to = at + 1;
    while (to < tokens.size() && tokens.get(to).word() == tokens.get(at).word()) {
      to++;
    }
    return to;
  }

  private static int wordBegin(List<Token> tokens, int at) {
    int from = at;
    while (from > 0 && tokens.get(from - 1).word() == tokens.get(at).word()) {
      from--;
    }
    return from;
  }

  /** The token after the domain that begins at {@code from}; {@code from} if none does. */
  private static int domain(List<Token> tokens, int from) {
    int limit = Math.min(tokens.size(), from + LONGEST_DOMAIN);
    int end = from;
    for (int i = from; i < limit; i++) {
      String text = tokens.get(i).text();
      boolean dotted = i > from && tokens.get(i - 1).text().equals("dot");
      boolean inOneWord =
          i > from && tokens.get(i).word() == tokens.get(i - 1).word() && !tokens.get(i).first();
      if ((dotted || inOneWord) && TOP_LEVEL.contains(text)) {
        end = i + 1;
        if (i + 1 < tokens.size()
            && !tokens.get(i + 1).text().equals("dot")
            && !(tokens.get(i + 1).word() == tokens.get(i).word())) {
          break;
        }
      } else if (end > from && !text.equals("dot")) {
        break;
      }
    }
    if (end == from && from < tokens.size() && PROVIDERS.contains(tokens.get(from).text())) {
      end = from + 1;
    }
    boolean cutOff = end > from && end == tokens.size() - 1 && tokens.get(end).text().equals("dot");
    return cutOff ? end + 1 : end;
  }

  /** The first token of the local part that ends before {@code at}. */
  private static int localPart(List<Token> tokens, int at, int free) {
    int reach = Math.max(free, at - LONGEST_LOCAL_PART);
    for (int i = at - 2; i >= reach; i--) {
      if (endsBefore(tokens, i)) {
        return i + 1;
      }
    }
    return Math.min(reach, at);
  }

  /**
   * Whether no address that goes on or is still to come has a token in it, because one behind it
   * introduces whatever follows.
   */
  public static boolean passed(List<Token> tokens, int token) {
    for (int i = token; i + 1 < tokens.size() && !tokens.get(i + 1).text().equals("at"); i++) {
      if (endsBefore(tokens, i)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether no local part goes beyond a token: it introduces an address, unless it is a part of it
   * ("me dot smith"), or a clause ends with it.
   */
  private static boolean endsBefore(List<Token> tokens, int i) {
    Token token = tokens.get(i);
    boolean introduces =
        BEFORE.contains(token.text())
            && !JOINTS.contains(tokens.get(i + 1).text())
            && !(i > 0 && JOINTS.contains(tokens.get(i - 1).text()));
    return introduces || token.stop();
  }
}
