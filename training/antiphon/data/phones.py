"""One small inventory of phone labels for all synthesisers: ARPAbet without stress, `ax` for schwa, `sil` for silence."""

SILENCE = "sil"
INVENTORY = (SILENCE, *("aa ae ah ao aw ax ay b ch d dh eh er ey f g hh ih iy jh k l m n ng ow oy p r s sh t th uh uw v w y "
                        "z zh").split())

_ARPABET_ALIASES = {"pau": SILENCE, "h#": SILENCE, "brth": SILENCE, "ssil": SILENCE, "#": SILENCE, "axr": "er", "dx": "d",
                    "el": "l", "em": "m", "en": "n", "nx": "n", "hv": "hh", "ix": "ih", "ux": "uw"}

# The phonemes that espeak-ng's English accents give, in the notation of its phoneme events with IPA names.
_IPA = {
    "": SILENCE, "a": "ae", "a:": "aa", "aa": "aa", "aɪ": "ay", "aɪə": "ay", "aɪɚ": "ay", "aʊ": "aw", "aʊə": "aw", "aː": "aa",
    "b": "b", "d": "d", "dʒ": "jh", "e": "ey", "ei": "ey", "eə": "eh", "eɪ": "ey", "eː": "ey", "f": "f", "h": "hh",
    "i": "iy", "iə": "ih", "iː": "iy", "j": "y", "k": "k", "l": "l", "m": "m", "n": "n", "o": "ow", "oə": "ao", "oɪ": "oy",
    "oʊ": "ow", "oː": "ow", "oːɹ": "ao", "p": "p", "r": "r", "s": "s", "t": "t", "tʃ": "ch", "t̪": "th", "u": "uw",
    "uː": "uw", "v": "v", "w": "w", "z": "z", "æ": "ae", "æʊ": "aw", "ð": "dh", "ŋ": "ng", "ɐ": "ax", "ɑə": "aa",
    "ɑː": "aa", "ɑːɹ": "aa", "ɒ": "aa", "ɔ": "ao", "ɔə": "ao", "ɔɪ": "oy", "ɔː": "ao", "ɔːɹ": "ao", "ə": "ax", "əl": "l",
    "əu": "ow", "əɪ": "er", "əɹ": "er", "əʊ": "ow", "ɚ": "er", "ɛ": "eh", "ɛə": "ae", "ɛɹ": "eh", "ɜ": "er", "ɜː": "er",
    "ɡ": "g", "ɪ": "ih", "ɪɹ": "ih", "ɹ": "r", "ɾ": "d", "ʃ": "sh", "ʉ": "uw", "ʉɹ": "uw", "ʉː": "uw", "ʊ": "uh",
    "ʊə": "uh", "ʊɹ": "uh", "ʌ": "ah", "ʌɹ": "er", "ʌʉ": "aw", "ʌʊ": "ow", "ʍ": "w", "ʒ": "zh", "ʲ": "y", "ʔ": "t",
    "θ": "th", "ᵻ": "ih", "n̩": "n", "m̩": "m", "x": "k", "ɫ": "l", "ʊl": "l", "ɨ": "ih"}


# misaki's symbols, which hibari and Kokoro speak: capitals are diphthongs, T is a flapped t, ᵊ and ᵻ are reduced vowels.
_MISAKI = {
    "A": "ey", "I": "ay", "O": "ow", "Q": "ow", "T": "d", "W": "aw", "Y": "oy", "a": "ae", "b": "b", "d": "d", "e": "eh", "f": "f", "h": "hh",
    "i": "iy", "j": "y", "k": "k", "l": "l", "m": "m", "n": "n", "o": "ow", "p": "p", "s": "s", "t": "t", "u": "uw", "v": "v", "w": "w",
    "z": "z", "æ": "ae", "ð": "dh", "ŋ": "ng", "ɐ": "ax", "ɑ": "aa", "ɒ": "aa", "ɔ": "ao", "ə": "ax", "ɚ": "er", "ɛ": "eh", "ɜ": "er",
    "ɡ": "g", "ɪ": "ih", "ɹ": "r", "ɾ": "d", "ʃ": "sh", "ʊ": "uh", "ʌ": "ah", "ʒ": "zh", "ʔ": "t", "ʤ": "jh", "ʧ": "ch", "θ": "th",
    "ᵊ": "ax", "ᵻ": "ih", "pau": SILENCE}


def from_misaki(symbol):
    """The label of a symbol of hibari or Kokoro, None for stress, length and the blank between words, which are no sounds."""
    return _MISAKI.get(symbol)


def from_ipa(phoneme):
    """The label of an espeak-ng phoneme, None for one that is not in the table."""
    return _IPA.get(phoneme.strip("ˈˌ_:"), _IPA.get(phoneme))


def from_arpabet(phone):
    """The label of a flite or festival phone, None for one that is not in the inventory."""
    label = _ARPABET_ALIASES.get(phone, phone)
    return label if label in INVENTORY else None


def label(segments):
    """Keeps the known phones and merges neighbours of one label.

    segments: (start in milliseconds, label or None) in order; returns [[start in milliseconds, label], ...].
    """
    phones = []
    for start, name in segments:
        if name is not None and (not phones or phones[-1][1] != name):
            phones.append([int(start), name])
    return phones
