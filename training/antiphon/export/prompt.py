"""The manifest's prompt section: strings to put a prompt together from, instructions of every mode, personas, signatures of every tool.

A checkpoint of our own training follows the one template of ``antiphon.data.prompt``. A foreign one brings a chat template: its strings are
found by rendering it with sentinels, and the section is refused where prompts joined from them would differ from rendered ones.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Mapping, Sequence

import jinja2
from jinja2.ext import loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment
from tokenizers import Tokenizer

from antiphon.data import prompt
from antiphon.data.domain import load_domain
from antiphon.export.checkpoint import Checkpoint

HISTORY_TURNS = 8
"""Rounds of history in a prompt, as in the released demonstration."""

TEXT_INSTRUCTIONS = "You are asked to generate text tokens."
SPEECH_INSTRUCTIONS = "You are asked to generate both text and speech tokens at the same time."
SPEECH_PERSONA = (
    "你的名字是小云。你是一位来自杭州的温柔友善的女孩，声音甜美，举止亲切。你的回复语气自然友好，力求沟通简洁明了。"
    "你的回复简短，通常只有一到三句话，避免使用正式的称谓和重复的短语。你能用恰当的声音回复，遵循用户的指示，并能共情他们的情绪。"
    "你能用恰当的方言回复，会说四川话和粤语。"
)
TRANSCRIPTION_REQUEST = "Please help me transcribe the audio."
"""The four texts are the interface of the released models: ``utils/constant.py`` and the README of FunAudioLLM/Fun-Audio-Chat (Apache-2.0).
The demonstration puts the persona behind the sentence of speech, with one space between them."""

_TOOLS_PREFIX = (
    "\n# Tools\n\nYou may call one or more functions to assist with the user query.\n\n"
    "You are provided with function signatures within <tools></tools> XML tags:\n<tools>\n"
)
_TOOLS_SUFFIX = (
    "\n</tools>\n\nFor each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:\n"
    '<tool_call>\n{"name": <function-name>, "arguments": <args-json-object>}\n</tool_call>'
)
"""The block of tools that the released models' function calling is published with, same source."""

REFERENCE_TEMPLATE = (
    "{% for message in messages %}{% if loop.first and message['role'] != 'system' %}<|im_start|>system\n"
    "You are a helpful assistant.<|im_end|>\n{% endif %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
"""What the reference's processor does with messages of text where a checkpoint has no chat template."""


class UnsupportedTemplate(ValueError):
    """A chat template whose prompts cannot be joined from fixed strings; the message says which part differs."""


@dataclass(frozen=True)
class PromptSection:
    """The manifest's prompt section, whether it is another publisher's, and what a user should know about where it came from."""

    section: Mapping[str, Any]
    foreign: bool = False
    notes: Sequence[str] = ()


def prompt_section(checkpoint: Checkpoint, tokenizer: Tokenizer, text_ids: Mapping[str, Any]) -> PromptSection:
    """The section for a checkpoint. Raises UnsupportedTemplate where its chat template cannot be expressed."""
    template = chat_template(checkpoint)
    if template is None and all(tokenizer.token_to_id(token) is not None for token in prompt.SPECIAL_TOKENS):
        return PromptSection(own_section())
    notes = []
    if template is None:
        template = REFERENCE_TEMPLATE
        notes.append("no chat template beside the checkpoint: prompts are those of the reference's processor")
    audio = {name: tokenizer.id_to_token(text_ids[name]) for name in ("audioBegin", "audio", "audioEnd")}
    section = derived_section(template, audio, notes)
    return PromptSection(section, True, notes)


def own_section() -> dict[str, Any]:
    """The section of a checkpoint of our own training: the one template, and what the domain says and offers."""
    return {
        "systemPrefix": prompt.SYSTEM_START,
        "systemSuffix": prompt.MESSAGE_END,
        "userPrefix": prompt.USER_START,
        "userSuffix": prompt.MESSAGE_END,
        "assistantPrefix": prompt.ASSISTANT_START,
        "assistantSuffix": prompt.MESSAGE_END,
        "audioBegin": prompt.AUDIO_BOS,
        "audio": prompt.AUDIO,
        "audioEnd": prompt.AUDIO_EOS,
        "toolsPrefix": prompt.TOOLS_START,
        "toolsSeparator": "\n",
        "toolsSuffix": prompt.TOOLS_END,
        "toolResultPrefix": prompt.TOOL_RESULT_START,
        "toolResultSuffix": prompt.TOOL_RESULT_END,
        "toolCallBegin": prompt.TOOL_CALL,
        "toolCallEnd": prompt.TOOL_CALL_END,
        "instructions": {mode: prompt.instructions(mode) for mode in prompt.MODES},
        "tools": list(load_domain().signatures),
        # The domain's signatures map names to types; a caller's JSON Schemas are brought into that form.
        "toolParameters": "types",
        "historyTurns": HISTORY_TURNS,
        # A model that may call a tool instead decides itself whether its first id is audio begin.
        "forceSpeechWithTools": False,
    }


def derived_section(template: str, audio: Mapping[str, str], notes: list[str]) -> dict[str, Any]:
    """The section whose joined prompts equal what ``template`` renders; ``notes`` gets what could not be taken from it."""
    chat = _Chat(template)
    strings = _turns(chat)
    strings |= _tools(chat, strings, notes)
    strings |= _tool_results(chat, strings, notes)
    section = {
        **strings,
        **audio,
        "toolCallBegin": prompt.TOOL_CALL,
        "toolCallEnd": prompt.TOOL_CALL_END,
        "instructions": {
            "speech": SPEECH_INSTRUCTIONS,
            "text": TEXT_INSTRUCTIONS,
            "transcribe": f"{TEXT_INSTRUCTIONS} {TRANSCRIPTION_REQUEST}",
        },
        # What stands behind the sentence unless a conversation brings its own.
        "personas": {"speech": SPEECH_PERSONA},
        "tools": [],
        "historyTurns": HISTORY_TURNS,
        "forceSpeechWithTools": False,
    }
    _compare(chat, section)
    return section


def joined(section: Mapping[str, Any], messages: Sequence[Mapping[str, str]], tools: Sequence[str] = ()) -> str:
    """The prompt that a host joins from the strings: ``messages`` of role system, user, assistant or tool, up to the next answer."""
    text = ""
    for message in messages:
        role, content = message["role"], message["content"]
        if role == "system":
            block = section["toolsPrefix"] + section["toolsSeparator"].join(tools) + section["toolsSuffix"] if tools else ""
            text += section["systemPrefix"] + content + block + section["systemSuffix"]
        elif role == "assistant":
            text += section["assistantPrefix"] + content + section["assistantSuffix"]
        elif role == "tool":
            text += section["userPrefix"] + section["toolResultPrefix"] + content + section["toolResultSuffix"] + section["userSuffix"]
        else:
            text += section["userPrefix"] + content + section["userSuffix"]
    return text + section["assistantPrefix"]


def chat_template(checkpoint: Checkpoint) -> str | None:
    """The chat template that lies beside the checkpoint, in one of the places where the reference looks for it."""
    file = checkpoint.folder / "chat_template.jinja"
    if file.exists():
        return file.read_text(encoding="utf-8")
    for name in ("chat_template.json", "processor_config.json", "tokenizer_config.json"):
        template = checkpoint.read_json(name).get("chat_template")
        if isinstance(template, list):
            template = next((entry["template"] for entry in template if entry.get("name") == "default"), None)
        if isinstance(template, str):
            return template
    return None


class _Chat:
    """Renders a chat template as the reference's library does."""

    def __init__(self, template: str):
        environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols])
        environment.filters["tojson"] = lambda value, **options: json.dumps(value, ensure_ascii=False, **options)
        environment.globals["raise_exception"] = _refuse
        environment.globals["strftime_now"] = _clock
        try:
            self._template = environment.from_string(template)
        except jinja2.TemplateError as error:
            raise UnsupportedTemplate(f"chat template: cannot be read ({error})") from None

    def render(self, messages: Sequence[Mapping[str, Any]], answer: bool, tools: Sequence[Any] = ()) -> str:
        """The text of ``messages``; with ``answer`` up to where the assistant speaks."""
        try:
            return self._template.render(messages=messages, add_generation_prompt=answer, tools=list(tools) or None)
        except jinja2.TemplateError as error:
            roles = ", ".join(message["role"] for message in messages)
            raise UnsupportedTemplate(f"chat template: refuses the roles {roles} ({error})") from None


def _refuse(message: str) -> None:
    raise jinja2.TemplateError(message)


def _clock(format: str) -> str:
    raise jinja2.TemplateError("it writes the time of day, so that a prompt could not be made again")


_SENTINELS = [f"\u2045{name}\u2046" for name in ("system", "first", "answer", "second", "result", "tool0", "tool1")]
_SYSTEM, _FIRST, _ANSWER, _SECOND, _RESULT, _TOOL_0, _TOOL_1 = _SENTINELS


def _message(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}


def _between(text: str, *sentinels: str) -> list[str]:
    """The pieces around the sentinels, each of which occurs once and in this order."""
    pieces = []
    for sentinel in sentinels:
        before, found, text = text.partition(sentinel)
        if not found or sentinel in text:
            raise UnsupportedTemplate(f"chat template: writes the content {sentinel} {'twice' if found else 'nowhere'}; expected once, in order")
        pieces.append(before)
    return [*pieces, text]


def _without(text: str, prefix: str, what: str) -> str:
    if not text.startswith(prefix):
        raise UnsupportedTemplate(f"chat template: {what} is {text!r}; expected it to begin with {prefix!r}")
    return text[len(prefix):]


def _turns(chat: _Chat) -> dict[str, str]:
    """Prefix and suffix of each role."""
    system, first = _message("system", _SYSTEM), _message("user", _FIRST)
    system_prefix, system_suffix = _between(chat.render([system, first], False).split(_FIRST)[0], _SYSTEM)
    conversation = [system, first, _message("assistant", _ANSWER), _message("user", _SECOND)]
    _, to_user, to_answer, from_answer, generation = _between(chat.render(conversation, True), _SYSTEM, _FIRST, _ANSWER, _SECOND)
    user_suffix = _between(chat.render([system, first], False), _SYSTEM, _FIRST)[2]
    assistant_prefix = _without(generation, user_suffix, "what follows the last user's turn")
    if to_answer != user_suffix + assistant_prefix:
        raise UnsupportedTemplate(
            f"chat template: begins an answer with {assistant_prefix!r}, but has {to_answer!r} before one in the history; expected the same"
        )
    # The message's end is what a user's turn and a system message have in common.
    if not to_user.startswith(user_suffix) or not from_answer.startswith(user_suffix):
        raise UnsupportedTemplate(f"chat template: messages end differently ({to_user!r}, {from_answer!r}); expected all to end with {user_suffix!r}")
    user_prefix = to_user[len(user_suffix):]
    if from_answer[len(user_suffix):] != user_prefix or system_suffix != user_suffix + user_prefix:
        raise UnsupportedTemplate(f"chat template: a later user's turn begins with {from_answer!r}, the first with {to_user!r}; expected the same")
    return {
        "systemPrefix": system_prefix, "systemSuffix": user_suffix, "userPrefix": user_prefix, "userSuffix": user_suffix,
        "assistantPrefix": assistant_prefix, "assistantSuffix": user_suffix,
    }


def _tools(chat: _Chat, strings: Mapping[str, str], notes: list[str]) -> dict[str, str]:
    """The block of tools: the published one where the template's is the same but for white space before it, else the template's."""
    published = {"toolsPrefix": _TOOLS_PREFIX, "toolsSeparator": "\n", "toolsSuffix": _TOOLS_SUFFIX}
    system, first = _message("system", _SYSTEM), _message("user", _FIRST)
    text = chat.render([system, first], False, [_TOOL_0, _TOOL_1])
    if _TOOL_0 not in text:
        notes.append("the chat template writes no tools: the published block is used")
        return published
    _, prefix, separator, suffix = _between(text, _SYSTEM, json.dumps(_TOOL_0, ensure_ascii=False), json.dumps(_TOOL_1, ensure_ascii=False))
    end = strings["systemSuffix"] + strings["userPrefix"] + _FIRST
    if end not in suffix:
        raise UnsupportedTemplate(f"chat template: the tools are followed by {suffix!r}; expected the system message's end")
    rendered = {"toolsPrefix": prefix, "toolsSeparator": separator, "toolsSuffix": suffix[: suffix.index(end)]}
    if {key: value.lstrip() for key, value in rendered.items()} == {key: value.lstrip() for key, value in published.items()}:
        return published
    notes.append("the chat template's block of tools differs from the published one: the template's is used")
    return rendered


def _tool_results(chat: _Chat, strings: Mapping[str, str], notes: list[str]) -> dict[str, str]:
    """How a tool's result stands in a user's turn."""
    ours = {"toolResultPrefix": prompt.TOOL_RESULT_START, "toolResultSuffix": prompt.TOOL_RESULT_END}
    messages = [_message("system", _SYSTEM), _message("user", _FIRST), _message("assistant", _ANSWER), _message("tool", _RESULT)]
    try:
        before, after = _between(chat.render(messages, True), _ANSWER, _RESULT)[1:]
    except UnsupportedTemplate:
        before = after = ""
    opening, closing = strings["assistantSuffix"] + strings["userPrefix"], strings["userSuffix"] + strings["assistantPrefix"]
    if not before.startswith(opening) or not after.endswith(closing):
        notes.append("the chat template has no results of tools within a user's turn: Qwen's <tool_response> is used")
        return ours
    return {"toolResultPrefix": before[len(opening):], "toolResultSuffix": after[: len(after) - len(closing)]}


_CONTENTS = ("plain", "  space around \n", "two\n\nlines", "\n", "# Tools <|other|> {{ braces }}", "ends in a full stop.", "汉字 und Umlaute: ä")


def _compare(chat: _Chat, section: Mapping[str, Any]) -> None:
    """Joined and rendered prompts are the same, whatever is said."""
    for content in _CONTENTS:
        messages = [_message("system", content)]
        for _ in range(HISTORY_TURNS):
            messages += [_message("user", section["audioBegin"] + section["audio"] + section["audioEnd"]), _message("assistant", content)]
            messages += [_message("user", content), _message("assistant", content)]
        messages.append(_message("user", content))
        rendered, own = chat.render(messages, True), joined(section, messages)
        if rendered != own:
            place = next((i for i, (a, b) in enumerate(zip(rendered, own)) if a != b), min(len(rendered), len(own)))
            raise UnsupportedTemplate(
                f"chat template: changes the content {content!r}; it writes {rendered[max(0, place - 20) : place + 20]!r}, "
                f"joined strings are {own[max(0, place - 20) : place + 20]!r}"
            )
