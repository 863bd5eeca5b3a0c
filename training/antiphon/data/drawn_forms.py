"""Forms of training drawn at random: so many keys, wrappers, side fields, empty results, errors and names of tools that a model learns what each
is for, and not its letters.

`antiphon.data.forms` has the forms of the test split; what stands in `KEPT_OUT` or matches `KEPT_OUT_SHAPES` is drawn anew here.
"""
from __future__ import annotations

import json
import re

SYLLABLES = ("ba", "be", "bo", "da", "de", "do", "fa", "fi", "ga", "go", "ka", "ke", "ko", "la", "le", "lo", "ma", "mi", "mo", "na", "ne", "no", "pa",
             "pe", "ra", "re", "ro", "sa", "se", "so", "ta", "te", "to", "va", "ve", "wa", "wi", "xa", "ya", "zo", "bra", "cle", "dri", "fro", "gru", "pla",
             "sto", "tri", "an", "el", "in", "or", "un", "is")
WORDS = ("account", "active", "actual", "address", "after", "agent", "app", "area", "base", "batch", "before", "bill", "body", "booked", "branch", "cash",
         "case", "channel", "check", "city", "class", "client", "closing", "company", "content", "core", "credit", "customer", "data", "debit", "default",
         "desk", "detail", "device", "document", "door", "entry", "event", "field", "file", "final", "first", "free", "full", "good", "group", "head", "house",
         "index", "info", "item", "job", "key", "label", "last", "latest", "level", "limit", "line", "list", "main", "member", "money", "net", "new", "next",
         "node", "note", "number", "object", "open", "order", "out", "output", "page", "part", "pay", "person", "place", "plan", "point", "power", "price",
         "process", "product", "public", "query", "rate", "read", "record", "reply", "report", "response", "result", "room", "row", "saved", "service", "set",
         "shop", "short", "side", "spent", "state", "stock", "store", "street", "subject", "system", "tag", "task", "text", "thing", "time", "title",
         "today", "tool", "total", "track", "type", "unit", "user", "value", "view", "water", "week", "work", "year", "zone")
AMOUNTS = ("balance", "amount", "total", "value", "available", "money", "credit", "figure", "price", "rest", "left", "remaining", "pounds", "gbp", "result",
           "saldo", "worth", "paid", "size", "output", "response")
DAYS = ("due", "due_date", "day", "date", "weekday", "until", "by", "pay_by", "expires", "ends", "on", "last_day", "target", "result", "next", "scheduled")
RECIPIENTS = ("to", "recipient", "name", "receiver", "creditor", "who", "whom", "merchant", "target", "person", "contact", "paid_to", "counterparty", "for")
NUMBERED = ("id", "request_id", "version", "status_code", "timestamp", "time", "epoch", "count", "page", "pages", "http_status", "duration_ms", "latency", "retries",
            "attempt", "index", "seq", "offset", "port", "user_id", "customer_id", "trace", "rows", "limit", "took_ms", "year", "hash", "branch_no", "ttl")
LABELLED = ("status", "source", "region", "locale", "lang", "language", "type", "kind", "unit", "currency", "owner", "host", "channel", "comment", "note", "bic",
            "trace_id", "api", "format", "category", "state", "level", "method", "schema", "env")
LABELS = ("ok", "OK", "success", "GBP", "en", "eu-west", "v2", "live", "core", "done", "complete", "A1", "uk", "json", "final", "normal", "primary", "POST", "prod")
FLAGS = ("success", "valid", "final", "active", "found", "complete", "live", "from_cache", "verified", "partial", "secure", "fresh")

KEPT_OUT = frozenset(("current_balance", "sum", "funds", "answer", "deadline", "payable_on", "when", "payee", "beneficiary", "sent to", "->", "iban", "code",
                      "cached", "ts", "payload", "read_account", "recent_debit", "pay_person", "freeze_card", "when_due", "store_reading", "power_cut",
                      "reserve_slot", "forward_to", "control_device", "room_temperature", "schedule_alarm", "translate", "find_hotel"))
"""Keys and names of the test split."""
KEPT_OUT_SHAPES = tuple(map(re.compile, (
    r"The value is ", r"= ", r"<value>", r'\{"data": \[\]\}', r"n/a", r'""$', r"no record", r"404$", r'\{"ok": false, "message"', r"HTTP 503", r"exception: connection",
    r'\{"error": \{"code": 17\}\}')))
"""How results of the test split begin that have no key of their own."""


def kept_out(text: str) -> bool:
    """Whether a key, a name or a whole result belongs to the test split."""
    return text in KEPT_OUT or any(shape.match(text) for shape in KEPT_OUT_SHAPES)


def _anew(draw, generator) -> str:
    while True:
        text = draw(generator)
        if not kept_out(text):
            return text


def made_up(generator, least: int = 2, most: int = 4) -> str:
    """A word that is none, lower case."""
    return "".join(generator.choice(SYLLABLES) for _ in range(generator.randint(least, most)))


def person(generator) -> str:
    """A name that nobody has, capitalised: it can only be copied."""
    return made_up(generator, 2, 3).capitalize()


def _cased(parts: list[str], generator) -> str:
    style = generator.random()
    if style < 0.55:
        return "_".join(parts)
    if style < 0.75:
        return parts[0] + "".join(part.capitalize() for part in parts[1:])
    if style < 0.83:
        return "".join(part.capitalize() for part in parts)
    if style < 0.9:
        return "-".join(parts)
    return "_".join(parts).upper() if style < 0.95 else ".".join(parts)


def identifier(generator, stem: str | None = None) -> str:
    """A key or a name in one of the usual spellings; of `stem` alone or beside other words, else of any words."""
    def draw(g):
        parts = [made_up(g) if g.random() < 0.3 else g.choice(WORDS) for _ in range(g.choice((0, 0, 1, 1, 2)) if stem else g.choice((1, 1, 2, 2, 3)))]
        if stem:
            parts.insert(g.randint(0, len(parts)), stem)
        return _cased(parts, g)
    return _anew(draw, generator)


def key(stems: tuple[str, ...], generator) -> str:
    """The key of a value: in two of three one of `stems`, alone or beside other words, else any word."""
    return identifier(generator, generator.choice(stems) if generator.random() < 0.65 else None)


def side_field(generator) -> tuple[str, object]:
    """A field that is not the value: a number under a name that numbers things, a label, a flag, nothing."""
    kind = generator.random()
    if kind < 0.4:
        return identifier(generator, generator.choice(NUMBERED)), generator.randint(0, 10 ** generator.randint(1, 10))
    if kind < 0.7:
        return identifier(generator, generator.choice(LABELLED)), generator.choice(LABELS) if generator.random() < 0.6 else _serial(generator)
    if kind < 0.9:
        return identifier(generator, generator.choice(FLAGS)), generator.random() < 0.5
    return identifier(generator), generator.choice((None, "", [], {}))


def _serial(generator) -> str:
    return "".join(generator.choice("ABCDEFGHKLMNPRSTXYZ0123456789") for _ in range(generator.randint(2, 8)))


def record(value_key: str, value, others, generator) -> str:
    """Fields as JSON of any indentation and depth, as lines, as XML or as a query; `others`: pairs that belong to the value."""
    fields = dict([(value_key, value), *others] + [side_field(generator) for _ in range(generator.choice((0, 0, 1, 1, 2, 3)))])
    fields[value_key] = value
    fields.update(others)
    pairs = list(fields.items())
    generator.shuffle(pairs)
    form = generator.random()
    if form < 0.74:
        nested: object = dict(pairs)
        for _ in range(generator.choice((0, 0, 0, 1, 1, 2))):
            nested = [nested] if generator.random() < 0.15 else _around(nested, generator)
        return _dumped(nested, generator)
    if form < 0.84:
        between = generator.choice((": ", "=", " = ", ":\t"))
        return generator.choice(("\n", "; ", ", ")).join(f"{name}{between}{text}" for name, text in pairs)
    if form < 0.94:
        return "".join(f"<{name}>{text}</{name}>" for name, text in pairs)
    return "&".join(f"{name}={text}" for name, text in pairs)


def _around(nested, generator) -> dict:
    outer = identifier(generator, generator.choice(("data", "result", "response", "body", "record", "output"))) if generator.random() < 0.7 else identifier(generator)
    fields = [(outer, nested)] + [side_field(generator) for _ in range(generator.choice((0, 0, 1)))]
    generator.shuffle(fields)
    return dict(fields) | {outer: nested}


def _dumped(value, generator) -> str:
    if generator.random() < 0.1:
        return repr(value)
    return json.dumps(value, indent=generator.choice((None, None, None, 1, 2)), separators=(",", ":") if generator.random() < 0.15 else None)


def wrapped(text: str, stems: tuple[str, ...], generator) -> str:
    """A value alone or with words, marks or a tag around it."""
    def draw(g):
        form = g.random()
        if form < 0.25:
            return text + g.choice(("", "", ".", " ", "\n", "!"))
        words = " ".join(g.choice(WORDS) if g.random() < 0.75 else made_up(g) for _ in range(g.randint(1, 3)))
        if g.random() < 0.5:
            words = f"{words} {g.choice(stems).replace('_', ' ')}" if g.random() < 0.5 else g.choice(stems).replace("_", " ")
        words = words.capitalize() if g.random() < 0.5 else words
        if form < 0.6:
            return f"{g.choice(('', '', 'The ', 'Your ', 'OK, '))}{words}{g.choice((': ', ' is ', ' = ', '=', ' was ', ' ', ', ', ' - ', ' => '))}{text}{g.choice(('', '', '.', ';'))}"
        if form < 0.72:
            return f"{text} {g.choice(('', '(', 'is the ', 'as ', '- '))}{words}"
        if form < 0.86:
            tag = identifier(g)
            return g.choice((f"<{tag}>{text}</{tag}>", f"<{tag}> {text} </{tag}>", f"[{tag}] {text}", f"{tag}({text})", f"<{tag} value=\"{text}\"/>"))
        before, after = g.choice((('"', '"'), ("[", "]"), ("(", ")"), ("**", "**"), ("'", "'"), ("> ", ""), ("- ", ""), ("* ", ""), ("`", "`"), (": ", ""), ("~", "")))
        return before + text + after
    return _anew(draw, generator)


def to_recipient(generator) -> str:
    """What stands between an amount and who it went to."""
    return generator.choice(("to", "paid to", "for", "went to", "went out to", "payment to", "transferred to", "=>", ">", "|", ", recipient", "- to",
                             "given to", "and the name is"))


def empty(generator) -> str:
    """A result that says nothing."""
    def draw(g):
        form = g.random()
        nothing = g.choice((None, "", [], {}, "none", "null", "not found", "-", "unknown", "nothing"))
        if form < 0.3:
            return g.choice(("", "{}", "null", "[]", "none", "None", "not found", "nothing", "-", "?", "unknown", "undefined", "nil", "no data", "empty", "0 results",
                             "no results", "no match", "not available", "NULL", "missing", "...", "no entry", "void", "N / A", "[{}]", "[null]", "nothing found", "()"))
        if form < 0.45:
            what = g.choice(WORDS)
            return g.choice((f"no {what}", f"no {what} found", f"{what} not found", f"could not find {what}", f"there is no {what}", f"no such {what}",
                             f"{what}: none", f"No {what}.", f"unknown {what}", f"{what} is missing", f"{what}="))
        fields = [(key(AMOUNTS + DAYS, g), nothing)] + [side_field(g) for _ in range(g.choice((0, 0, 1, 2)))]
        g.shuffle(fields)
        value: object = dict(fields)
        if g.random() < 0.25:
            value = _around(value, g)
        return _dumped(value, g)
    return _anew(draw, generator)


def error(generator) -> str:
    """A result that says that something went wrong."""
    def draw(g):
        number = g.choice((g.randint(400, 599), g.randint(1, 99), g.randint(1000, 9999)))
        what = " ".join(g.choice(WORDS) for _ in range(g.randint(1, 2)))
        reason = g.choice(("timeout", "timed out", "service unavailable", "connection lost", "connection closed", "not allowed", "access denied", "bad request", "bad gateway",
                           "internal failure", "too many requests", "out of memory", "database down", f"{what} failed", f"cannot open {what}", f"{what} refused", "busy",
                           "try again later", "invalid request", "unreachable", "server error", f"missing {what}", "overload", f"{what} crashed", "down for repair"))
        form = g.random()
        if form < 0.4:
            head = g.choice(("Error", "ERROR", "error", "Failure", "failed", "Fault", "fatal", "E", "Exception", f"{what.split()[0].capitalize()}Error",
                             f"{what.split()[0].capitalize()}Exception", "HTTP error", f"http {number}", f"HTTP {number}", f"status {number}", "Warning"))
            return g.choice((f"{head}: {reason}", f"{head} {number}: {reason}", f"{head} {number}", f"{head} - {reason}", head, f"[{head}] {reason}", f"{head} ({number})"))
        if form < 0.5:
            return g.choice((reason, f"{number} {reason}", f"{reason} after {number} s", f"{reason.capitalize()}.", f"{number}: {reason}", f"<error>{reason}</error>"))
        name = g.choice(("error", "error", "err", "failure", "fault", "exception", "errors", "problem", identifier(g, "error")))
        if form < 0.75:
            value = g.choice((reason, number, True, {"message": reason}, {"status": number, "reason": reason}, [reason], {"type": reason, "number": number}, f"{number} {reason}"))
            fields = [(name, value)] + [side_field(g) for _ in range(g.choice((0, 0, 1)))]
        else:
            fields = [g.choice((("status", "failed"), ("status", "error"), ("success", False), ("ok", False), ("state", "failed"), ("result", "error"), ("status", number))),
                      (g.choice(("message", "reason", "detail", "msg", "cause", "description", name)), reason)][: g.choice((1, 2, 2))]
        g.shuffle(fields)
        return _dumped(dict(fields), g)
    return _anew(draw, generator)


TOOL_WORDS = {
    "get_balance": (("get", "fetch", "show", "check", "load", "query", "see", "look_up", "account"), ("balance", "account_balance", "amount_on_account", "account_total", "money")),
    "get_last_payment": (("get", "fetch", "show", "last", "latest", "newest", "find", "previous"), ("payment", "transaction", "last_payment", "last_transaction", "outgoing")),
    "transfer_money": (("send", "transfer", "pay", "wire", "make", "give"), ("money", "payment", "transfer", "amount", "pounds", "cash")),
    "block_card": (("block", "disable", "stop", "lock", "cancel", "suspend"), ("card", "bank_card", "lost_card", "plastic")),
    "get_due_date": (("get", "fetch", "bill", "check", "show", "find"), ("due", "due_date", "due_day", "payment_day", "bill_date")),
    "submit_meter_reading": (("submit", "send", "report", "enter", "save", "record"), ("meter", "reading", "meter_reading", "meter_value", "counter")),
    "report_outage": (("report", "notify", "announce", "register", "raise"), ("outage", "blackout", "failure", "no_power", "street_outage")),
    "book_appointment": (("book", "make", "schedule", "plan", "arrange", "add"), ("appointment", "visit", "meeting", "date", "engineer")),
    "connect": (("connect", "transfer", "route", "pass", "switch", "hand"), ("call", "caller", "department", "over", "agent")),
    "switch_device": (("switch", "set", "toggle", "turn", "change", "operate"), ("device", "light", "appliance", "thing", "switch")),
    "set_heating": (("set", "adjust", "change", "heat", "warm"), ("heating", "thermostat", "heater", "degrees", "warmth", "radiator")),
    "set_alarm": (("set", "create", "start", "add", "wake"), ("alarm", "alarm_clock", "wake_up", "timer", "clock"))}
ALIKE = ("get_balance", "get_last_payment")
"""Their parameters are the same: only a name that means something tells them apart."""


def tool_name(tool: str, generator) -> str:
    """Another name of one of the domain's tools: in words of its task, or, where its parameters tell what it is, any words."""
    if tool not in ALIKE and generator.random() < 0.3:
        return identifier(generator)
    first, second = TOOL_WORDS[tool]

    def draw(g):
        parts = [*g.choice(first).split("_"), *g.choice(second).split("_")]
        if g.random() < 0.2:
            parts.insert(g.choice((0, len(parts))), g.choice(("bank", "home", "api", "v2", "my", "do", "tool", "client", made_up(g))))
        return _cased(parts, g)
    return _anew(draw, generator)


def foreign_tool(generator) -> dict:
    """The signature of a tool of no domain."""
    def named(g):
        return _cased([g.choice(("get", "find", "play", "order", "search", "create", "list", "send", "open", "start", "delete", "read", made_up(g))),
                       g.choice(("weather", "music", "pizza", "taxi", "flight", "news", "photo", "email", "recipe", "ticket", "note", "film", "song", "song", made_up(g)))], g)
    parameters = {identifier(generator): generator.choice(("string", "string", "integer", "number", "boolean")) for _ in range(generator.randint(0, 3))}
    return {"name": _anew(named, generator), "parameters": parameters}
