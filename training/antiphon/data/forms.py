"""What people type and tools really send, beside the domain's own plain words: case, punctuation, digits, JSON, nothing, errors.

Every function draws from a `random.Random` of its own. The forms of the test split stand here; those of training are drawn by
`antiphon.data.drawn_forms`, which never draws one of them, so that what is measured is a form and a value that training has not seen.
"""
from __future__ import annotations

import json
import re
from dataclasses import dataclass

from antiphon.data import drawn_forms
from antiphon.data.domain import Domain, title
from antiphon.data.numbers import number_words

NOT_FOUND = "I am sorry, I could not find that."
CANNOT = "I am sorry, I cannot do that here."
_SIGNS = {"plus": "+", "minus": "-", "times": "x"}
_SHORT = (("what is", "what's"), ("i would", "i'd"), ("who are you", "who're you"), ("there is", "there's"), ("i have", "i've"), ("when is", "when's"))


# --- what people type -----------------------------------------------------------------------------------------------

def with_digits(text: str) -> str:
    """Number words as digits: "two hundred and fifty pounds at ten o'clock" → "250 pounds at 10 o'clock". Digits that are
    spoken one by one ("four two seven") become one string of digits."""
    result, words = [], text.split()
    while words:
        count, value = _longest_number(words)
        if count == 0:
            result.append(words.pop(0))
        else:
            result.append(value)
            del words[:count]
    return " ".join(result)


def _longest_number(words: list[str]) -> tuple[int, str]:
    """(words taken, digits) of the number that `words` begin with, or (0, "")."""
    ones = 0
    while ones < len(words) and _VALUES.get(words[ones], 10) < 10:
        ones += 1
    if ones >= 3:
        return ones, "".join(str(_VALUES[word]) for word in words[:ones])
    for count in range(min(8, len(words)), 0, -1):
        value = _VALUES.get(" ".join(words[:count]))
        if value is not None:
            return count, str(value)
    return 0, ""


_VALUES = {number_words(number): number for number in range(10_000)}


def typed(text: str, proper: set[str], generator) -> str:
    """The spoken words of a question (lower case, no punctuation) as somebody may type them. `proper`: proper nouns in lower case."""
    if generator.random() < 0.55:
        text = with_digits(text)
        if generator.random() < 0.4:
            text = " ".join(_SIGNS.get(word, word) for word in text.split())
    if generator.random() < 0.3:
        long, short = generator.choice(_SHORT)
        text = re.sub(rf"\b{long}\b", short, text, count=1)
    case = generator.random()
    if case < 0.6:
        for noun in sorted(proper, key=len, reverse=True):
            text = re.sub(rf"\b{re.escape(noun)}\b", title(noun), text)
        text = re.sub(r"\bi\b", "I", text)
    if case < 0.75:
        text = text[:1].upper() + text[1:]
    elif case > 0.96:
        text = text.upper()
    ending = generator.choices(("?", "", ".", "!", " ?", "??", "..."), (8, 6, 3, 1, 0.5, 0.5, 0.5))[0]
    if generator.random() < 0.12:
        text = generator.choice(("hi, ", "Hello, ", "hey ", "please ", "Could you help me: ")) + text
    if generator.random() < 0.06:
        text = text.replace(" ", "  ", 1)
    return text + ending


def proper_nouns(domain: Domain) -> set[str]:
    """The domain's proper nouns in lower case."""
    from antiphon.data.domain import PROPER_ATTRIBUTES, PROPER_NOUNS
    return ({value.spoken for slot in PROPER_NOUNS for value in domain.slots[slot]}
            | {value.attribute for slot in PROPER_ATTRIBUTES for value in domain.slots[slot]})


# --- what tools send ------------------------------------------------------------------------------------------------

@dataclass(frozen=True)
class Money:
    """An amount of whole pounds and pence."""

    pounds: int
    pence: int = 0

    def __post_init__(self):
        if not (0 <= self.pounds <= 9_999 and 0 <= self.pence <= 99):
            raise ValueError(f"money is {self.pounds} pounds {self.pence}, expected 0 to 9999 pounds and 0 to 99 pence")

    @property
    def spoken(self) -> str:
        """As an answer says it."""
        pounds = f"{number_words(self.pounds)} pound{'' if self.pounds == 1 else 's'}"
        return pounds + (f" and {number_words(self.pence)} pence" if self.pence else "")

    @property
    def number(self) -> str:
        return f"{self.pounds}.{self.pence:02d}" if self.pence else str(self.pounds)


KEYS = ("current_balance", "sum", "funds", "answer")
DAY_KEYS = ("deadline", "payable_on", "when")
RECIPIENT_KEYS = ("payee", "beneficiary")
TO = ("sent to", "->")
OTHER = (("iban", "GB29"), ("code", 200), ("cached", False), ("ts", 1717171717))
WRAPPERS = ("The value is {}.", "= {}", "<value>{}</value>")
EMPTY = ('{"data": []}', "n/a", "\"\"", "no record", "404")
ERRORS = ('{"ok": false, "message": "internal error"}', "HTTP 503", "exception: connection refused", '{"error": {"code": 17}}')
TRAIN = "train"


def money_result(money: Money, split: str, generator, recipient: str | None = None) -> str:
    """A tool's result that holds an amount, and who it went to: plain words, a number, text around it, a record of several fields."""
    plain = generator.choice((money.spoken, money.number, f"£{money.number}", f"{money.number} GBP",
                              f"£{money.pounds:,}" + (f".{money.pence:02d}" if money.pence else "")))
    if generator.random() < 0.45:
        to = drawn_forms.to_recipient(generator) if split == TRAIN and recipient else generator.choice(TO) if recipient else ""
        return _wrapped(plain + (f" {to} {recipient}" if recipient else ""), drawn_forms.AMOUNTS, split, generator)
    value = generator.choice((float(money.number) if money.pence else money.pounds, money.number, f"{money.number} pounds"))
    if split == TRAIN:
        others = ((drawn_forms.key(drawn_forms.RECIPIENTS, generator), recipient),) if recipient else ()
        return drawn_forms.record(drawn_forms.key(drawn_forms.AMOUNTS, generator), value, others, generator)
    others = ((generator.choice(RECIPIENT_KEYS), recipient),) if recipient else ()
    return _record(generator.choice(KEYS), value, generator, others)


def day_result(day: str, split: str, generator) -> str:
    """A tool's result that holds a day of the week."""
    plain = generator.choice((day, title(day), day[:3].capitalize()))
    if generator.random() < 0.5:
        return _wrapped(plain, drawn_forms.DAYS, split, generator)
    if split == TRAIN:
        return drawn_forms.record(drawn_forms.key(drawn_forms.DAYS, generator), plain, (), generator)
    return _record(generator.choice(DAY_KEYS), plain, generator)


def _wrapped(text: str, stems: tuple[str, ...], split: str, generator) -> str:
    return drawn_forms.wrapped(text, stems, generator) if split == TRAIN else generator.choice(WRAPPERS).format(text)


def _record(key: str, value, generator, others=()) -> str:
    fields = [(key, value), *others, *generator.sample(OTHER, generator.randint(0, 2))]
    generator.shuffle(fields)
    record = dict(fields)
    if generator.random() < 0.25:
        record = {"payload": record}
    return json.dumps(record, indent=generator.choice((None, None, 1)))


def nothing(split: str, generator) -> str:
    """A tool's result that holds no value: empty, or an error. The answer to it is NOT_FOUND."""
    if split == TRAIN:
        return drawn_forms.empty(generator) if generator.random() < 0.5 else drawn_forms.error(generator)
    return generator.choice(EMPTY + ERRORS)


# --- which tools are offered ----------------------------------------------------------------------------------------

RENAMED = {"get_balance": ("read_account",), "get_last_payment": ("recent_debit",), "transfer_money": ("pay_person",), "block_card": ("freeze_card",),
           "get_due_date": ("when_due",), "submit_meter_reading": ("store_reading",), "report_outage": ("power_cut",),
           "book_appointment": ("reserve_slot",), "connect": ("forward_to",), "switch_device": ("control_device",), "set_heating": ("room_temperature",),
           "set_alarm": ("schedule_alarm",)}
FOREIGN = ({"name": "translate", "parameters": {"text": "string", "language": "string"}}, {"name": "find_hotel", "parameters": {"city": "string"}})


@dataclass(frozen=True)
class Offer:
    """The tools of a conversation: one-line JSON signatures, and the name of each of the domain's tools in it, None where it is
    not offered."""

    signatures: tuple[str, ...]
    names: dict[str, str | None]


def offer(domain: Domain, split: str, generator) -> Offer:
    """Draws which of the domain's tools are offered, under which names, with which others beside them: all, a subset, renamed, none."""
    kind = generator.choices(("subset", "renamed", "foreign", "none"), (4, 4, 2, 2))[0]
    names: dict[str, str | None] = {tool: tool for tool in domain.tools}
    if kind == "none":
        return Offer((), dict.fromkeys(names))
    if kind == "foreign":
        names = dict.fromkeys(names)
    elif kind == "subset":
        kept = set(generator.sample(sorted(names), generator.randint(1, len(names) - 2)))
        names = {tool: tool if tool in kept else None for tool in names}
    else:
        names = _renamed(names, split, generator)
    signatures = [json.dumps({"name": name, "parameters": domain.tools[tool]}) for tool, name in names.items() if name]
    if kind == "foreign" or generator.random() < 0.3:
        foreign = [drawn_forms.foreign_tool(generator) for _ in range(generator.randint(1, 4))] if split == TRAIN else FOREIGN
        signatures += [json.dumps(signature) for signature in foreign]
    generator.shuffle(signatures)
    return Offer(tuple(signatures), names)


def _renamed(names: dict, split: str, generator) -> dict[str, str | None]:
    if split != TRAIN:
        return {tool: generator.choice(RENAMED[tool]) if generator.random() < 0.7 else tool for tool in names}
    found: dict[str, str | None] = {}
    for tool in names:
        name = tool
        while generator.random() < 0.7 or name in found.values():
            name = drawn_forms.tool_name(tool, generator)
            if name not in names and name not in found.values():
                break
            name = tool
        found[tool] = name
    return found


def offered_answer(answer: str, offered: Offer) -> str:
    """An assistant's text under an offer: a call under the offered name, CANNOT where its tool is not offered, other text as it is."""
    found = re.fullmatch(r"<tool_call>\n(.*)\n</tool_call>", answer, re.DOTALL)
    if found is None:
        return answer
    call = json.loads(found.group(1))
    name = offered.names[call["name"]]
    if name is None:
        return CANNOT
    body = json.dumps({"name": name, "arguments": call["arguments"]})
    return f"<tool_call>\n{body}\n</tool_call>"


def offered_turns(turns: list[dict], offered: Offer) -> list[dict]:
    """A dialogue's turns under an offer; the result of a call that cannot be made is left out, and so is what was asked on its account."""
    kept, refused = [], False
    for turn in turns:
        if turn["user"] is None and refused:
            continue
        answer = offered_answer(turn["assistant"], offered)
        refused = answer == CANNOT
        if turn["intent"] == "repeat" and kept:
            answer = kept[-1]["assistant"]
        kept.append(turn | {"assistant": answer})
    return kept
