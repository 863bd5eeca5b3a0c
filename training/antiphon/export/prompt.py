"""The manifest's prompt section: the strings of the one template, and what the domain says and offers."""

from __future__ import annotations

from typing import Any

from antiphon.data import prompt
from antiphon.data.domain import load_domain

HISTORY_TURNS = 8
"""Rounds of history in a prompt, as in the released demonstration."""


def prompt_section() -> dict[str, Any]:
    """Strings to put a prompt together from, instructions of every mode, signatures of every tool."""
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
        "historyTurns": HISTORY_TURNS,
        # A model that may call a tool instead decides itself whether its first id is audio begin.
        "forceSpeechWithTools": False,
    }
