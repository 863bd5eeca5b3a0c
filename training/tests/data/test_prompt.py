import json
from pathlib import Path

import pytest

from antiphon.data import prompt

SYSTEM_MESSAGES = Path(__file__).parents[3] / "model-runtime/src/test/resources/system-messages.json"


def test_the_system_messages_of_the_product():
    cases = json.loads(SYSTEM_MESSAGES.read_text())
    assert {case["mode"] for case in cases} == set(prompt.MODES)
    for case in cases:
        own = prompt.conversation_instructions(case["mode"], case["instructions"])
        assert prompt.system(case["mode"], list(map(prompt.signature, case["tools"])), own) == case["message"]


def test_what_is_no_schema_stays_as_it_was():
    for tool in ('{"name":"ring","parameters":{"a":"string"}}', '{"parameters": {"properties": {}}}', '[1]', '{"name": "x", "parameters": null}', "no json"):
        assert prompt.signature(tool) == tool


def test_speech_mode_lists_all_tools():
    text = prompt.system(prompt.SPEECH)
    assert text.startswith("<|im_start|>system\nYou are asked to generate both text and speech tokens at the same time.\n<tools>\n")
    assert text.endswith('{"name": "set_alarm", "parameters": {"hour": "string"}}\n</tools><|im_end|>\n')


def test_transcription_has_no_tools():
    assert prompt.system(prompt.TRANSCRIBE) == (
        "<|im_start|>system\nYou are asked to generate text tokens. Transcribe the speech.<|im_end|>\n")


def test_own_instructions_and_no_tools():
    assert prompt.system(prompt.SPEECH, [], "Be brief.") == "<|im_start|>system\nBe brief.<|im_end|>\n"


def test_turns():
    assert prompt.audio_turn(2) == (
        "<|im_start|>user\n<|audio_bos|><|AUDIO|><|AUDIO|><|audio_eos|><|im_end|>\n<|im_start|>assistant\n")
    assert prompt.text_turn("hello") == "<|im_start|>user\nhello<|im_end|>\n<|im_start|>assistant\n"
    assert prompt.tool_result_turn("done") == (
        "<|im_start|>user\n<tool_response>\ndone\n</tool_response><|im_end|>\n<|im_start|>assistant\n")
    assert prompt.assistant_history("Hello.") == "Hello.<|im_end|>\n"


def test_an_unknown_mode_is_named():
    with pytest.raises(ValueError, match="sing"):
        prompt.system("sing")
