"""The closed domain: slots, intents and tools of `domain.yaml`, and how their templates are filled.

A template holds `{slot}` (the words of a slot), `{name:slot}` (a slot under another name), `{slot.value}` (what the slot
maps to) and `{= expression}` (arithmetic, `next(day)`, `previous(day)`, `if weekend(day): 'x' else: 'y'`). What is spoken
is lower case without punctuation; what is printed has proper nouns and the sentence's start capitalised.
"""

import functools
import hashlib
import itertools
import json
import re
from dataclasses import dataclass
from pathlib import Path

import yaml

from antiphon.data.numbers import number_words

DOMAIN_FILE = Path(__file__).with_name("domain.yaml")
PROPER_NOUNS = {"name", "street", "day", "month", "country"}
PROPER_ATTRIBUTES = {"country"}
DIGITS = "zero one two three four five six seven eight nine".split()
# Intents with fewer combinations of slot values than this are facts to be learned: there a *wording* of the question is
# held out, never the fact itself.
MEMORISED_COMBINATIONS = 200
HELD_OUT_ONE_IN = 5

_PLACEHOLDER = re.compile(r"\{(=\s*[^}]*|[^}]*)\}")
_CONDITIONAL = re.compile(r"^if (.*?): (.*) else: (.*)$")


@dataclass(frozen=True)
class Value:
    """One value of a slot: its spoken words, the slot it is from, its number if it has one, the words it maps to."""

    slot: str
    spoken: str
    number: int | None = None
    attribute: str | None = None

    @property
    def printed(self):
        return title(self.spoken) if self.slot in PROPER_NOUNS else self.spoken

    @property
    def printed_attribute(self):
        return title(self.attribute) if self.slot in PROPER_ATTRIBUTES else self.attribute


@dataclass(frozen=True)
class Intent:
    """One row of the domain's intents; `then` holds the follow-up intents of a confirmation."""

    id: str
    ask: tuple
    answer: str
    after: str | None = None
    condition: str | None = None
    tool: str | None = None
    arguments: tuple = ()
    result: str | None = None
    then: tuple = ()


def _key(values):
    return "|".join(f"{name}={value.spoken}" for name, value in sorted(values.items()))


def _hash(intent, values):
    return int.from_bytes(hashlib.sha256(f"{intent.id}|{_key(values)}".encode()).digest()[:8], "big")


def title(words):
    """Capitalises every word: "mexico city" becomes "Mexico City"."""
    return " ".join(word[:1].upper() + word[1:] for word in words.split())


def sentence(text):
    """Capitalises the first letter of a sentence."""
    return text[:1].upper() + text[1:]


class Domain:
    """The parsed domain file."""

    def __init__(self, source):
        self.system = source["system"]
        self.tools = source["tools"]
        self.slots = {name: _values(name, specification) for name, specification in source["slots"].items()}
        self.intents = {row["id"]: _intent(row) for row in source["intents"]}
        self._buckets = {}

    def signature(self, tool):
        """The one-line JSON signature of a tool, as the system prompt gives it to the model."""
        return json.dumps({"name": tool, "parameters": self.tools[tool]})

    @property
    def signatures(self):
        return [self.signature(tool) for tool in self.tools]

    def variables(self, intent):
        """Names of the intent's variables and the slot each is drawn from, those of a tool's result too."""
        return self._variables([*intent.ask, intent.result or ""])

    def asked(self, intent):
        """Those variables that the question itself speaks."""
        return self._variables(intent.ask)

    def _variables(self, texts):
        found = {}
        for placeholder in (match for text in texts for match in _PLACEHOLDER.findall(text)):
            name, _, slot = placeholder.partition(":")
            if (slot or name) in self.slots or (slot or name) == "digits":
                found.setdefault(name, slot or name)
        return found

    def sample(self, intent, generator):
        """Draws a value for each variable of the intent from `generator` (random.Random) until its condition holds."""
        variables = self.variables(intent)
        while True:
            values = {name: self._draw(slot, generator) for name, slot in variables.items()}
            if intent.condition is None or self._evaluate(intent.condition, values):
                return values

    def _draw(self, slot, generator):
        if slot == "digits":
            length = generator.randint(*DIGIT_LENGTHS)
            return Value("digits", " ".join(generator.choice(DIGITS) for _ in range(length)))
        return generator.choice(self.slots[slot])

    def combinations(self, intent):
        """How many combinations of slot values the intent's questions have (digit strings count as unlimited)."""
        count = 1
        for slot in self.asked(intent).values():
            count *= 10 ** 6 if slot == "digits" else len(self.slots[slot])
        return count

    def enumerate(self, intent):
        """All combinations of asked values of an intent without digit strings, in a fixed order."""
        variables = self.asked(intent)
        for row in itertools.product(*(self.slots[slot] for slot in variables.values())):
            values = dict(zip(variables, row))
            if intent.condition is None or self._evaluate(intent.condition, values):
                yield values

    def held_out(self, intent, wording, values):
        """Whether the question `intent.ask[wording]` with these values belongs to the test split."""
        values = {name: values[name] for name in self.asked(intent)}
        if not values:
            return False
        if self.combinations(intent) < MEMORISED_COMBINATIONS:
            return self._memorised_buckets(intent)[_key(values)] == wording
        return _hash(intent, values) % HELD_OUT_ONE_IN == 0

    def _memorised_buckets(self, intent):
        """For each combination of values the wording that is held out, one of the first five; none where the intent has fewer. The
        others keep every fact in training."""
        if intent.id not in self._buckets:
            rows = sorted(self.enumerate(intent), key=lambda values: _hash(intent, values))
            self._buckets[intent.id] = {_key(values): rank % HELD_OUT_ONE_IN for rank, values in enumerate(rows)}
        return self._buckets[intent.id]

    def spoken(self, template, values):
        """Fills a question, a tool's argument or its result: lower case, spoken words."""
        return self._fill(template, values, printed=False)

    def printed(self, template, values):
        """Fills an answer as it would be printed."""
        return sentence(self._fill(template, values, printed=True))

    def _fill(self, template, values, printed):
        def replace(match):
            body = match.group(1).strip()
            if body.startswith("="):
                result = self._evaluate(body[1:].strip(), values)
                return number_words(result) if isinstance(result, int) else title(result) if _is_day_or_month(result) and printed else result
            name, _, attribute = body.partition(".")
            value = values[name.partition(":")[0]]
            if attribute:
                return value.printed_attribute if printed else value.attribute
            return value.printed if printed else value.spoken

        return _PLACEHOLDER.sub(replace, template)

    def _evaluate(self, expression, values):
        conditional = _CONDITIONAL.match(expression)
        if conditional:
            condition, yes, no = conditional.groups()
            return self._evaluate(yes if self._evaluate(condition, values) else no, values)
        names = {name: value.spoken if value.number is None else value.number for name, value in values.items()}
        functions = {"next": functools.partial(self._neighbour, 1), "previous": functools.partial(self._neighbour, -1),
                     "weekend": lambda day: day in ("saturday", "sunday")}
        # The expressions are the project's own file, not input from outside.
        return eval(expression, {"__builtins__": {}}, {**functions, **names})

    def _neighbour(self, step, word):
        for slot in ("day", "month"):
            words = [value.spoken for value in self.slots[slot]]
            if word in words:
                return words[(words.index(word) + step) % len(words)]
        raise ValueError(f"{word!r} is neither a day nor a month")

    def tool_call(self, intent, values):
        """The text of the tool call as the model writes it."""
        arguments = {name: self.spoken(template, values) for name, template in intent.arguments}
        body = json.dumps({"name": intent.tool, "arguments": arguments})
        return f"<tool_call>\n{body}\n</tool_call>"


DIGIT_LENGTHS = (4, 6)
_DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_MONTHS = "january february march april may june july august september october november december".split()


def _is_day_or_month(word):
    return word in _DAYS or word in _MONTHS


def _values(slot, specification):
    if "range" in specification:
        low, high = specification["range"]
        unit = f" {specification['unit']}" if "unit" in specification else ""
        return [Value(slot, number_words(number) + unit, number) for number in range(low, high + 1)]
    if "length" in specification:
        return []
    if isinstance(specification, dict) and "values" in specification:
        return [Value(slot, str(word)) for word in specification["values"]]
    if isinstance(specification, dict):
        return [Value(slot, word, attribute=number_words(to) if isinstance(to, int) else to)
                for word, to in specification.items()]
    return [Value(slot, str(word)) for word in specification]


def _intent(row, parent=None):
    tool = row.get("tool")
    then = tuple(_intent({"id": f"{row['id']}_{name}", **child})
                 for name, child in zip(("confirmed", "declined"), row.get("then", ())))
    return Intent(id=row["id"], ask=tuple(row["ask"]), answer=row["answer"], after=row.get("after"),
                  condition=row.get("condition"), tool=tool["name"] if tool else None,
                  arguments=tuple(tool["arguments"].items()) if tool else (), result=row.get("result"), then=then)


@functools.cache
def load_domain():
    """The shipped domain."""
    with open(DOMAIN_FILE, encoding="utf-8") as file:
        return Domain(yaml.load(file, Loader=_TextLoader))


class _TextLoader(yaml.SafeLoader):
    """YAML without the booleans of version 1.1, which would read the words `yes`, `no`, `on` and `off` as truth values."""


_TextLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}
