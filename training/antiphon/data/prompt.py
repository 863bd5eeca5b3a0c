"""The prompt template, in one place: training uses these functions and the export writes their strings into the bundle.

A prompt is the system message, then one message for each turn, and ends where the assistant has to speak:

    <|im_start|>system\n{instructions}{tools}<|im_end|>\n
    <|im_start|>user\n<|audio_bos|>{<|AUDIO|> x groups}<|audio_eos|><|im_end|>\n<|im_start|>assistant\n
    {answer}<|im_end|>\n                                                            (history: text only)
    <|im_start|>user\n<tool_response>\n{result}\n</tool_response><|im_end|>\n<|im_start|>assistant\n
"""

import json

from antiphon.data.domain import load_domain

PAD = "<|endoftext|>"
IM_START, IM_END = "<|im_start|>", "<|im_end|>"
AUDIO, AUDIO_BOS, AUDIO_EOS, SILENCE = "<|AUDIO|>", "<|audio_bos|>", "<|audio_eos|>", "<|sil|>"
TOOL_CALL, TOOL_CALL_END = "<tool_call>", "</tool_call>"
SPECIAL_TOKENS = [PAD, IM_START, IM_END, TOOL_CALL, TOOL_CALL_END, "<tool_response>", "</tool_response>", "<tools>",
                  "</tools>", AUDIO, AUDIO_BOS, AUDIO_EOS, SILENCE]

SPEECH, TEXT, TRANSCRIBE = MODES = ("speech", "text", "transcribe")

SYSTEM_START = f"{IM_START}system\n"
TOOLS_START, TOOLS_END = "\n<tools>\n", "\n</tools>"
MESSAGE_END = f"{IM_END}\n"
USER_START = f"{IM_START}user\n"
ASSISTANT_START = f"{IM_START}assistant\n"
TOOL_RESULT_START, TOOL_RESULT_END = "<tool_response>\n", "\n</tool_response>"


def instructions(mode):
    """The system instructions of a mode: `speech`, `text` or `transcribe`."""
    if mode not in MODES:
        raise ValueError(f"mode {mode!r} is not known, expected one of {', '.join(MODES)}")
    return load_domain().system[mode]


def conversation_instructions(mode, own):
    """The instructions of a mode with a conversation's own behind them; None, the mode's alone, where it has none."""
    return f"{instructions(mode)} {own}" if own else None


def signature(tool):
    """A tool that a conversation offered, one JSON object as text, in the form of the domain's: `{"name", "parameters": {name: type}}`. One
    whose parameters are no JSON Schema stays as it is; a parameter without a type is a string, of several types the first that is not null."""
    try:
        given = json.loads(tool)
    except ValueError:
        return tool
    parameters = given.get("parameters") if isinstance(given, dict) else None
    properties = parameters.get("properties") if isinstance(parameters, dict) else None
    if not isinstance(properties, dict) or not isinstance(given.get("name"), str):
        return tool

    def type_of(schema):
        types = schema.get("type") if isinstance(schema, dict) else None
        if isinstance(types, str):
            return types
        return next((each for each in types if each not in (None, "null")), "string") if isinstance(types, list) else "string"

    return json.dumps({"name": given["name"], "parameters": {name: type_of(schema) for name, schema in properties.items()}}, ensure_ascii=False)


def tools_text(signatures):
    """The tools part of the system message; `signatures` are one-line JSON strings. Empty without tools."""
    return TOOLS_START + "\n".join(signatures) + TOOLS_END if signatures else ""


def system(mode, signatures=None, text=None):
    """The system message. Without `signatures` all tools of the domain in the modes speech and text, none in transcribe;
    `text` replaces the mode's own instructions."""
    if signatures is None:
        signatures = [] if mode == TRANSCRIBE else load_domain().signatures
    return SYSTEM_START + (text or instructions(mode)) + tools_text(signatures) + MESSAGE_END


def audio_turn(groups):
    """A user's turn of `groups` 5 Hz groups of speech, up to where the assistant answers."""
    return USER_START + AUDIO_BOS + AUDIO * groups + AUDIO_EOS + MESSAGE_END + ASSISTANT_START


def text_turn(text):
    """A user's written turn, up to where the assistant answers."""
    return USER_START + text + MESSAGE_END + ASSISTANT_START


def tool_result_turn(result):
    """What a called tool answered, up to where the assistant answers."""
    return text_turn(TOOL_RESULT_START + result + TOOL_RESULT_END)


def assistant_history(text):
    """A finished assistant turn after its `ASSISTANT_START`."""
    return text + MESSAGE_END
