"""A host that joins the manifest's strings gets exactly the prompts of training."""

from antiphon.data import prompt
from antiphon.export.prompt import own_section


def test_strings_of_the_manifest_make_the_prompts_of_training():
    section = own_section()
    tools = section["toolsPrefix"] + section["toolsSeparator"].join(section["tools"]) + section["toolsSuffix"]
    for mode, offered in (("speech", tools), ("text", tools), ("transcribe", "")):
        system = section["systemPrefix"] + section["instructions"][mode] + offered + section["systemSuffix"]
        assert system == prompt.system(mode)

    audio = section["audioBegin"] + 3 * section["audio"] + section["audioEnd"]
    assert section["userPrefix"] + audio + section["userSuffix"] + section["assistantPrefix"] == prompt.audio_turn(3)
    result = section["toolResultPrefix"] + "forty pounds" + section["toolResultSuffix"]
    assert section["userPrefix"] + result + section["userSuffix"] + section["assistantPrefix"] == prompt.tool_result_turn("forty pounds")
    assert "It is ten." + section["assistantSuffix"] == prompt.assistant_history("It is ten.")
