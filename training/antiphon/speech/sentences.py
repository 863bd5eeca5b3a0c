"""Sentences that widen the voice corpus beyond the answers: every word of the domain in random order and in questions."""
import argparse
import random
import re
from pathlib import Path

import yaml

UNITS = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()


def vocabulary(domain: dict) -> list[str]:
    """All words that the domain file can make anybody say, sorted."""
    words = set(UNITS) | set(TENS) | {"hundred", "thousand", "and", "o'clock"}

    def collect(value) -> None:
        if isinstance(value, str):
            words.update(re.findall(r"[a-z']+", re.sub(r"\{[^}]*\}", " ", value).lower()))
        elif isinstance(value, dict):
            for key, item in value.items():
                collect(key)
                collect(item)
        elif isinstance(value, list):
            for item in value:
                collect(item)

    slots = {name: slot for name, slot in domain["slots"].items() if not (isinstance(slot, dict) and ("range" in slot or "length" in slot))}
    collect(list(slots.values()))
    for intent in domain["intents"]:
        for part in [intent, *intent.get("then", [])]:
            collect([part["ask"], part["answer"], part.get("result", "")])
    return sorted(word for word in words if word.strip("'"))


def random_sentences(words: list[str], count: int, seed: int) -> list[str]:
    """`count` word strings of 4 to 10 words; every word occurs about equally often."""
    source = random.Random(seed)
    sentences, bag = [], []
    while len(sentences) < count:
        length = source.randint(4, 10)
        while len(bag) < length:
            bag = bag + source.sample(words, len(words))
        taken, bag = bag[:length], bag[length:]
        sentences.append(" ".join(taken).capitalize() + ".")
    return sentences


def spoken_number(number: int) -> str:
    """0..99 in words."""
    if number < 20:
        return UNITS[number]
    return TENS[number // 10 - 2] + ("" if number % 10 == 0 else " " + UNITS[number % 10])


def _slot_word(domain: dict, name: str, source: random.Random) -> str:
    slot = domain["slots"].get(name)
    if isinstance(slot, dict) and "range" in slot:
        word = spoken_number(source.randint(*slot["range"]))
        return f"{word} {slot['unit']}" if "unit" in slot else word
    if isinstance(slot, dict) and "length" in slot:
        return " ".join(source.choice(slot["of"]) for _ in range(source.randint(*slot["length"])))
    if isinstance(slot, dict):
        values = slot.get("values", list(slot))
        return source.choice(values)
    return source.choice(slot) if slot else spoken_number(source.randint(0, 99))


def template_sentences(domain: dict, count: int, seed: int) -> list[str]:
    """`count` sentences from the templates of questions and answers with slots filled freely (truth does not matter to a voice)."""
    source = random.Random(seed)
    sentences = set()
    parts = [part for intent in domain["intents"] for part in [intent, *intent.get("then", [])]]
    while len(sentences) < count:
        part = source.choice(parts)
        template = source.choice([part["answer"], part["answer"], source.choice(part["ask"])])
        if "random words" in template or "previous answer" in template:
            continue

        def fill(match: re.Match) -> str:
            inside = match.group(1)
            name, _, attribute = inside.split(":")[-1].partition(".")
            slot = domain["slots"].get(name)
            if attribute and isinstance(slot, dict):
                return str(source.choice(list(slot.values())))
            return _slot_word(domain, name, source)

        sentence = re.sub(r"\{([^}]*)\}", fill, template)
        sentence = re.sub(r"\b\d+\b", lambda m: spoken_number(int(m.group())), sentence)
        sentences.add(sentence[0].upper() + sentence[1:] + ("" if sentence[-1] in ".?" else "?"))
    return sorted(sentences, key=lambda s: source.random())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("domain", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--kind", choices=["random", "templates"], default="random")
    parser.add_argument("--count", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    domain = yaml.safe_load(options.domain.read_text())
    if options.kind == "random":
        sentences = random_sentences(vocabulary(domain), options.count, options.seed)
    else:
        sentences = template_sentences(domain, options.count, options.seed)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text("\n".join(sentences) + "\n")
    print(f"{options.count} sentences in {options.output}")


if __name__ == "__main__":
    main()
