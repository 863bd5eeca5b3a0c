"""The callers: which synthesiser, voice, speed and pitch speaks a dialogue, in training and held out."""

import math
from dataclasses import dataclass, replace

import numpy as np

from antiphon.data import concatenative
from antiphon.data.augmentation import resample
from antiphon.data.espeak import espeak

ACCENTS = ("en", "en-US", "en-GB-x-rp", "en-GB-scotland", "en-GB-x-gbclan", "en-GB-x-gbcwmd", "en-029", "en-US-nyc")
ACCENT_WEIGHTS = (4, 5, 3, 2, 1.5, 1.5, 1, 1.5)
HELD_OUT_VARIANTS = ("f4", "m7", "Annie", "john", "steph")
# steph2 and steph3 are left out as near copies of a held-out variant.
VARIANTS = ("f1", "f2", "f3", "f5", "m1", "m2", "m3", "m4", "m5", "m6", "m8", "adam", "Alex", "Alicia", "Andrea", "Andy",
            "anika", "antonio", "aunty", "belinda", "benjamin", "boris", "caleb", "david", "Denis", "Diogo", "ed", "edward",
            "edward2", "Gene", "Gene2", "grandma", "grandpa", "gustave", "Henrique", "Hugo", "iven", "iven2", "iven3",
            "iven4", "Jacky", "kaukovalta", "klatt", "klatt2", "klatt3", "klatt4", "Lee", "linda", "marcelo", "Marco",
            "Mario", "max", "Michael", "michel", "miguel", "Mike", "Mr serious", "norbert", "pablo", "paul", "pedro",
            "quincy", "rob", "robert", "sandro", "shelby", "Storm", "travis", "victor", "zac")
PLAIN_SHARE = 0.3
ESPEAK, FLITE, FESTIVAL, KOKORO, HIBARI = "espeak", "flite", "festival", "kokoro", "hibari"
HELD_OUT_KOKORO = ("af_nova", "af_sky", "am_liam", "am_puck", "bf_isabella", "bf_lily", "bm_fable", "bm_lewis")
"""Kokoro's voices that no training hears: women and men, American and British."""
FLITE_VOICES, FLITE_WEIGHTS = ("slt", "awb", "kal16", "kal"), (3, 3, 2, 1)
FESTIVAL_VOICES = ("kal_diphone", "cmu_us_slt_arctic_hts")
HELD_OUT_FLITE, HELD_OUT_FESTIVAL = "rms", "ked_diphone"
# Mean pitch in Hz that the voices of flite and festival are moved to; a voice not named here has no pitch to set.
PITCHES = {"slt": (130, 260), "awb": (85, 200), "rms": (75, 130), "kal16": (75, 190), "kal": (75, 190),
           "kal_diphone": (75, 190), "ked_diphone": (75, 150)}
OWN_PITCH_SHARE = 0.25


@dataclass(frozen=True)
class Caller:
    """A voice with its speed and pitch. Speed is words a minute for espeak, a duration factor otherwise; pitch is
    0 to 99 for espeak, mean Hz otherwise, None for the voice's own; the neural ones have a factor of the pace, and a pitch that goes
    with `tract` alone. `tract` above 1 is a shorter vocal tract: what is
    synthesised is played that many times as fast, which lifts formants and pitch."""

    engine: str
    voice: str
    speed: float
    pitch: float | None = None
    pitch_range: float = 50
    tract: float = 1.0

    @property
    def name(self):
        return f"{self.engine}:{self.voice}" + (f"*{self.tract}" if self.tract != 1 else "")

    def speak(self, texts):
        """Speaks the texts; a list of (int16 samples at 16 kHz, [[start in milliseconds, phone label], ...])."""
        spoken = self._synthesise(texts)
        if self.tract == 1 or self.engine in (KOKORO, HIBARI):
            return spoken
        return [(_resampled(samples, self.tract), [[round(start / self.tract), label] for start, label in phones])
                for samples, phones in spoken]

    def _synthesise(self, texts):
        if self.engine == ESPEAK:
            return [espeak().synthesise(text, self.voice, self.speed, self.pitch, self.pitch_range) for text in texts]
        if self.engine == FLITE:
            return [concatenative.flite(text, self.voice, self.speed, self.pitch) for text in texts]
        if self.engine in (KOKORO, HIBARI):
            from antiphon.data import neural  # its packages are large, and not everybody needs them
            if self.engine == KOKORO:
                return [neural.kokoro(text, self.voice, self.speed, self.tract) for text in texts]
            return [neural.hibari(text, self.speed, self.tract) for text in texts]
        return concatenative.festival(texts, self.voice, self.speed, self.pitch)


def training_caller(generator, natural_share=0.28, festival_share=0.06):
    """Draws a caller that training may hear; `generator` is a random.Random."""
    chance = generator.random()
    if chance < festival_share:
        return _recorded(generator, FESTIVAL, generator.choice(FESTIVAL_VOICES))
    if chance < natural_share:
        return _recorded(generator, FLITE, generator.choices(FLITE_VOICES, FLITE_WEIGHTS)[0])
    accent = generator.choices(ACCENTS, ACCENT_WEIGHTS)[0]
    variant = "" if generator.random() < PLAIN_SHARE else "+" + generator.choice(VARIANTS)
    return _espeak(generator, accent + variant)


def held_out_caller(generator):
    """Draws a caller that training never hears."""
    chance = generator.random()
    if chance < 0.3:
        return _recorded(generator, FLITE, HELD_OUT_FLITE)
    if chance < 0.5:
        return _recorded(generator, FESTIVAL, HELD_OUT_FESTIVAL)
    return _espeak(generator, f"{generator.choice(ACCENTS)}+{generator.choice(HELD_OUT_VARIANTS)}")


def natural_caller(generator):
    """Draws a caller who sounds human: one of Kokoro's training voices, which cost a second of a core for each second of speech;
    three in five as a speaker of another size."""
    from antiphon.data import packages
    return _neural(generator, KOKORO, generator.choice([voice for voice in packages.kokoro_voices() if voice not in HELD_OUT_KOKORO]))


def hibari_caller(generator):
    """Draws hibari's one voice, 30 times as fast as Kokoro's, three in five times as a speaker of another size."""
    return _neural(generator, HIBARI, "heart")


def held_out_natural_caller(generator):
    """Draws one of Kokoro's voices that training never hears, as it is."""
    return Caller(KOKORO, generator.choice(HELD_OUT_KOKORO), round(generator.uniform(0.85, 1.2), 2))


def _neural(generator, engine, voice):
    tract = 1.0 if generator.random() < 0.4 else round(math.exp(generator.uniform(math.log(0.88), math.log(1.14))), 3)
    return Caller(engine, voice, round(generator.uniform(0.8, 1.35), 2), tract=tract)


def _espeak(generator, voice):
    return Caller(ESPEAK, f"gmw/{voice}", generator.randint(105, 225), generator.randint(20, 80), generator.randint(30, 75))


def _resampled(samples, factor):
    wave = resample(samples.astype(np.float32) / 32768, factor)
    return np.clip(np.round(wave * 32768), -32768, 32767).astype(np.int16)


def varied_caller(generator):
    """Draws a training voice of flite or festival as a speaker of another size: tract and pitch vary apart."""
    caller = training_caller(generator, natural_share=1.0, festival_share=0.12)
    tract = round(math.exp(generator.uniform(math.log(0.82), math.log(1.22))), 3)
    pitch = None if caller.pitch is None else round(caller.pitch / tract)
    return replace(caller, tract=tract, pitch=pitch, speed=round(caller.speed * tract, 2))


def _recorded(generator, engine, voice):
    pitch = None
    if voice in PITCHES and generator.random() >= OWN_PITCH_SHARE:
        pitch = generator.randint(*PITCHES[voice])
    return Caller(engine, voice, round(generator.uniform(0.8, 1.3), 2), pitch)
