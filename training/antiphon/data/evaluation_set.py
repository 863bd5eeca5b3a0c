"""Builds the held-out evaluation set: questions that training has not seen, spoken by voices known and never heard.

    python -m antiphon.data.evaluation_set OUT

writes `OUT/*.wav` (16 kHz PCM16 mono) and `OUT/MANIFEST.jsonl`, which `./antiphon evaluate` and `python -m
antiphon.evaluate` read (its lines: `antiphon/evaluate/manifest.py`). Half of the voices of each of these sets are held out:

* `questions`: single questions of the test split, 15 % of them random words instead;
* `telephone`: the questions among them once more through the telephone band;
* `turns`: conversations of two and of three turns, with follow-ups, confirmations and requests to repeat;
* `hesitant`: every second question among them once more, after 4 to 27 seconds of quiet;
* `long`: conversations of six turns and more, one dialogue after the other, quiet before half of the turns;
* `outside`: sentences that mean something, but nothing that the domain knows.

`--natural N` adds N questions by those of Kokoro's voices that no training hears, in the full band (`natural`) and through the telephone
(`natural-telephone`). They need Kokoro's packages, and a core speaks a second of them in a second.

The same arguments give the same sets (sounds too, in a fresh process: espeak-ng carries state from one utterance to the
next), and `questions` does not depend on the other counts.
"""

import argparse
import itertools
import json
import random
from pathlib import Path

import numpy as np
import soundfile

from antiphon.data import dialogues, outside, paths, voices
from antiphon.data.augmentation import telephone
from antiphon.data.domain import load_domain

SAMPLE_RATE = 16_000
HELD_OUT_SHARE = 0.5
RANDOM_SHARE = 0.15
# Ends of the intents that mean something only after the turn before.
DEPENDENT = ("follow_up", ("confirmed", "declined"), "repeat")
LONG_TURNS = 6


def entry(identifier, turns, voice):
    """A manifest line for a question: `turns` of `DialogueBuilder.question`."""
    row = {"id": identifier, "audio": f"{identifier}.wav", "intent": turns[0]["intent"], "voice": voice,
           "reference": turns[0]["user"], "expected": turns[-1]["assistant"]}
    if len(turns) > 1:
        row["result"] = turns[1]["tool_result"]
        row["call"] = json.loads(turns[0]["assistant"].split("\n")[1])
    return row


def write_recordings(folder, rows, name="MANIFEST.jsonl"):
    """Writes the WAVs and the manifest; rows: (manifest line, int16 samples at 16 kHz, or a list of such for several turns)."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    with paths.atomic(folder / name) as manifest:
        for row, samples in rows:
            turns = zip(row["audio"], samples) if isinstance(row["audio"], list) else [(row["audio"], samples)]
            for file, wave in turns:
                soundfile.write(folder / file, wave, SAMPLE_RATE, subtype="PCM_16")
            manifest.write(json.dumps(row) + "\n")
            count += 1
    return count


def draw_caller(generator):
    """A caller and whether training never heard the voice."""
    held_out = generator.random() < HELD_OUT_SHARE
    return (voices.held_out_caller(generator) if held_out else voices.training_caller(generator)), held_out


def recordings(count, seed):
    """Draws and speaks `count` questions of the test split."""
    generator = random.Random(seed)
    builder = dialogues.DialogueBuilder(load_domain(), "test", f"evaluation-{seed}")
    names, weights = list(dialogues.WEIGHTS), list(dialogues.WEIGHTS.values())
    for index in range(count):
        name = dialogues.RANDOM if generator.random() < RANDOM_SHARE else generator.choices(names, weights)[0]
        caller, held_out = draw_caller(generator)
        turns = builder.question(name)
        row = entry(f"{index:03d}-{name}", turns, caller.name)
        row |= {"set": "questions", "held_out_voice": held_out}
        yield row, caller.speak([turns[0]["user"]])[0][0]


def natural(count, seed):
    """`count` questions of the test split, without random words, by Kokoro's held-out voices."""
    generator = random.Random(f"natural-{seed}")
    builder = dialogues.DialogueBuilder(load_domain(), "test", f"natural-{seed}")
    names, weights = list(dialogues.WEIGHTS), list(dialogues.WEIGHTS.values())
    for index in range(count):
        turns = builder.question(generator.choices(names, weights)[0])
        caller = voices.held_out_natural_caller(generator)
        row = entry(f"natural-{index:03d}", turns, caller.name)
        yield row | {"set": "natural", "held_out_voice": True}, caller.speak([turns[0]["user"]])[0][0]


def through_the_telephone(rows, name="telephone"):
    """The questions (not the random words) among (line, samples) once more, 300 to 3400 Hz at 8 kHz with µ-law, as the set `name`."""
    for row, samples in rows:
        if row["intent"] != dialogues.RANDOM:
            narrow = telephone(samples.astype(np.float32) / 32768)
            yield ({**row, "id": f"telephone-{row['id']}", "audio": f"telephone-{row['audio']}", "set": name},
                   np.clip(np.round(narrow * 32768), -32768, 32767).astype(np.int16))


def quiet_before(samples, seconds, generator):
    """int16 samples at 16 kHz after so much digital silence, or, as often, a room's noise."""
    loudness = generator.choice((0, generator.uniform(2, 30)))
    noise = np.random.default_rng(generator.randrange(2**32)).normal(0, loudness, int(seconds * SAMPLE_RATE))
    return np.concatenate([noise.round().astype(np.int16), samples])


def logarithmic(least, greatest, generator):
    """A number of seconds, logarithmically even."""
    return least * (greatest / least) ** generator.random()


def hesitant(rows, seed):
    """Every second of the questions (not the random words) among (line, samples), asked after 4 to 27 seconds."""
    generator = random.Random(f"hesitant-{seed}")
    for row, samples in [pair for pair in rows if pair[0]["intent"] != dialogues.RANDOM][::2]:
        yield ({**row, "id": f"hesitant-{row['id']}", "audio": f"hesitant-{row['audio']}", "set": "hesitant"},
               quiet_before(samples, logarithmic(4, 27, generator), generator))


def long_conversations(count, seed):
    """`count` conversations of one caller, dialogues of the test split one after the other until there are six turns or more,
    1 to 20 seconds of quiet before half of the turns."""
    generator = random.Random(f"long-{seed}")
    builder = dialogues.DialogueBuilder(load_domain(), "test", f"long-{seed}")
    for index in range(count):
        spoken = []
        while len(spoken) < LONG_TURNS:
            more = exchanges(builder.dialogue())
            if dialogues.RANDOM not in [turn["intent"] for turn in more]:
                spoken += more
        caller, held_out = draw_caller(generator)
        waves = [quiet_before(samples, logarithmic(1, 20, generator), generator) if generator.random() < 0.5 else samples
                 for samples, _ in caller.speak([turn["reference"] for turn in spoken])]
        yield conversation(f"long-{index:03d}", "long", spoken, caller, held_out), waves


def conversations(count, seed):
    """`count` conversations of the test split, without random words: two and three turns of the caller in turn, and by
    turns at least one follow-up, confirmation or request to repeat among them."""
    generator = random.Random(seed)
    builder = dialogues.DialogueBuilder(load_domain(), "test", f"turns-{seed}")
    for index in range(count):
        wanted, kind = 2 + index % 2, DEPENDENT[index % len(DEPENDENT)]
        while True:
            spoken = exchanges(builder.dialogue())
            intents = [turn["intent"] for turn in spoken]
            if len(spoken) == wanted and dialogues.RANDOM not in intents and any(i.endswith(kind) for i in intents):
                break
        caller, held_out = draw_caller(generator)
        yield (conversation(f"turns-{index:03d}", "turns", spoken, caller, held_out),
               [samples for samples, _ in caller.speak([turn["reference"] for turn in spoken])])


def conversation(identifier, kind, spoken, caller, held_out):
    """A manifest line for several turns, of `exchanges`."""
    return {"id": identifier, "set": kind, "audio": [f"{identifier}-{n + 1}.wav" for n in range(len(spoken))],
            "voice": caller.name, "held_out_voice": held_out, "result": [turn.pop("result", None) for turn in spoken],
            "turns": spoken}


def exchanges(turns):
    """A dialogue's turns as the caller's: {intent, reference, expected, call?, result?} for each."""
    spoken = []
    for number, turn in enumerate(turns):
        if turn["user"] is not None:
            called = number + 1 < len(turns) and turns[number + 1]["user"] is None
            row = entry("", turns[number: number + 1 + called], "")
            spoken.append({key: row[key] for key in ("intent", "reference", "expected", "call", "result") if key in row})
    return spoken


def strangers(seed):
    """Every sentence of antiphon.data.outside, to be refused."""
    generator = random.Random(seed)
    for index, text in enumerate(outside.SENTENCES):
        caller, held_out = draw_caller(generator)
        identifier = f"outside-{index:02d}"
        yield ({"id": identifier, "set": "outside", "audio": f"{identifier}.wav", "intent": "outside", "voice": caller.name,
                "held_out_voice": held_out, "reference": text, "expected": dialogues.REFUSAL}, caller.speak([text])[0][0])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=300, help="questions")
    parser.add_argument("--turns", type=int, default=120, help="conversations of several turns")
    parser.add_argument("--long", type=int, default=40, help="long conversations")
    parser.add_argument("--natural", type=int, default=0, help="questions by Kokoro's held-out voices")
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    questions = list(recordings(arguments.count, arguments.seed))
    spoken_naturally = list(natural(arguments.natural, arguments.seed))
    rows = itertools.chain(questions, through_the_telephone(questions), conversations(arguments.turns, arguments.seed),
                           strangers(arguments.seed), hesitant(questions, arguments.seed),
                           long_conversations(arguments.long, arguments.seed), spoken_naturally,
                           through_the_telephone(spoken_naturally, "natural-telephone"))
    print(f"{write_recordings(arguments.out, rows)} conversations in {arguments.out}")


if __name__ == "__main__":
    main()
