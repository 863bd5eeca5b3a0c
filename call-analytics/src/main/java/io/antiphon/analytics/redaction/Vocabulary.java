package io.antiphon.analytics.redaction;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Words by what they tell about the words beside them. */
final class Vocabulary {
  /** Words that are no part of a name, a street or an answer to "what is your name". */
  static final Set<String> COMMON =
      words(
          """
          a about account actually address after again ah all also am an and another any anything are
          as ask at away back be because been before being bill block book but by call called calling
          can cannot card change check come confirm connect could day did do does doesn't doing don't
          done down each either else email er erm every everything few find fine first for from get
          getting give go going good got great had has have having he hear hello help her here hi him
          his hm hmm hold hope how i i'd i'll i'm i've if in into is isn't issue it it's its just keep
          know last late later let like line live lives living look lost make many may maybe me mean
          mhm middle mine minute moment more morning most move moved much must my name need never new
          next no nope not nothing now number of off oh ok okay on once one only open or order other
          our out over own past pay payment phone please problem put quite rather really right road
          said same say see send she should so some somebody someone something soon sorry speak
          speaking spell spelled spelt still stop street such sure take talk tell than thank thanks
          that that's the their them then there there's these they they're thing think this those
          time to today tomorrow too try turn two uh um under until up us use very wait want was wasn't
          way we we're well went were what what's when where which while who whole why will with
          within without won't work would wrong yeah yep yes yet you you're your yours
          correct busy down broken nice near nearest wrong bad better best afternoon evening
          """);

  /** After these a number may follow, in this utterance or in one of the next. */
  static final Set<String> NUMBER_FOLLOWS =
      words(
          """
          number numbers card digits digit code account phone telephone mobile cell landline postcode
          zip pin sort expiry expires expire security reference passport licence license policy birth
          born birthday iban cvv cvc
          """);

  static final Set<String> PHONE_FOLLOWS =
      words("phone telephone mobile cell landline call ring dial reach");

  /** Before a name. */
  static final Set<String> TITLES = words("mr mrs ms miss mister missus dr doctor");

  /** After a name of oneself. */
  static final Set<String> INTRODUCES_ONESELF = words("speaking calling from here");

  /** What streets end with and hardly anything else does. */
  static final Set<String> STREET_SUFFIXES =
      words("street road avenue lane boulevard crescent terrace");

  /** What streets end with and other things too: only with a number before it. */
  static final Set<String> POSSIBLE_STREET_SUFFIXES =
      words(
          """
          close court drive way place square hill gardens row walk bridge gate grove mews park view
          green parade rise
          """);

  static final Set<String> EMAIL_JOINTS = words("dot underscore dash hyphen");

  /** After these any words may be an address. */
  private static final Set<String> ADDRESS_FOLLOWS =
      words("email mail e-mail write address live lives street");

  /** Before a digit or letter that is said once for several. */
  static final Set<String> REPEATS = words("double triple treble");

  private Vocabulary() {}

  /** Whether words of daily use that follow may be a part of an address. */
  static boolean announcesAnyWords(String word) {
    return ADDRESS_FOLLOWS.contains(word) || EMAIL_JOINTS.contains(word);
  }

  private static Set<String> words(String words) {
    return Set.copyOf(new HashSet<>(List.of(words.strip().split("\\s+"))));
  }
}
