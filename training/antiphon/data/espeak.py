"""Speech synthesis with libespeak-ng in this process, with the times of the phonemes.

About a thousand times faster than real time. The library keeps global state: one `Espeak` per process, one thread.
"""

import ctypes
import functools

import numpy as np
from scipy.signal import resample_poly

from antiphon.data import phones

SAMPLE_RATE = 16_000
_NATIVE_RATE = 22_050
# Values of espeak-ng/speak_lib.h.
_OUTPUT_SYNCHRONOUS = 2
_PHONEME_EVENTS, _PHONEME_IPA = 1, 2
_EVENT_END, _EVENT_WORD, _EVENT_PHONEME = 0, 1, 7
_RATE, _PITCH, _RANGE = 1, 3, 4
_CHARACTERS_UTF8 = 1


class _Identifier(ctypes.Union):
    _fields_ = [("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8)]


class _Event(ctypes.Structure):
    _fields_ = [("type", ctypes.c_int), ("unique_identifier", ctypes.c_uint), ("text_position", ctypes.c_int),
                ("length", ctypes.c_int), ("audio_position", ctypes.c_int), ("sample", ctypes.c_int),
                ("user_data", ctypes.c_void_p), ("identifier", _Identifier)]


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


class Espeak:
    """The library, initialised. Use `espeak()` to get the one of this process."""

    def __init__(self):
        try:
            self._library = ctypes.CDLL("libespeak-ng.so.1")
        except OSError as error:
            raise RuntimeError("libespeak-ng.so.1 is missing: install espeak-ng") from error
        rate = self._library.espeak_Initialize(_OUTPUT_SYNCHRONOUS, 0, None, _PHONEME_EVENTS | _PHONEME_IPA)
        if rate != _NATIVE_RATE:
            raise RuntimeError(f"espeak-ng speaks at {rate} Hz, expected {_NATIVE_RATE} Hz")
        self._chunks, self._segments, self._words = [], [], []
        self._callback = _Callback(self._receive)
        self._library.espeak_SetSynthCallback(self._callback)

    def _receive(self, wave, count, events):
        if wave and count > 0:
            self._chunks.append(np.ctypeslib.as_array(wave, shape=(count,)).copy())
        index = 0
        while events[index].type != _EVENT_END:
            if events[index].type == _EVENT_PHONEME:
                name = events[index].identifier.string.decode("utf-8", "replace")
                self._segments.append((events[index].audio_position, phones.from_ipa(name)))
            elif events[index].type == _EVENT_WORD:
                self._words.append(events[index].audio_position)
            index += 1
        return 0

    def synthesise(self, text, voice, rate=175, pitch=50, pitch_range=50):
        """Speaks `text`; returns (int16 samples at 16 kHz, [[start in milliseconds, phone label], ...]).

        voice: a voice file name, such as `gmw/en-US+f2`. Raises ValueError for a voice that is not there.
        """
        if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise ValueError(f"espeak-ng has no voice {voice!r}")
        for parameter, value in ((_RATE, rate), (_PITCH, pitch), (_RANGE, pitch_range)):
            self._library.espeak_SetParameter(parameter, int(value), 0)
        self._chunks.clear()
        self._segments.clear()
        self._words.clear()
        encoded = text.encode() + b"\0"
        self._library.espeak_Synth(encoded, len(encoded), 0, 0, 0, _CHARACTERS_UTF8, None, None)
        if not self._chunks:
            raise ValueError(f"espeak-ng gave no sound for {text!r}")
        samples = np.concatenate(self._chunks).astype(np.float32)
        resampled = resample_poly(samples, 320, 441)
        return np.clip(np.round(resampled), -32768, 32767).astype(np.int16), phones.label(self._segments)

    def word_begins(self):
        """Where the words of the last text began, in milliseconds; the library joins some of a text's words to one."""
        return list(self._words)


@functools.cache
def espeak():
    """The one instance of this process."""
    return Espeak()
