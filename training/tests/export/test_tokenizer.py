"""The tokenizer built from vocab.json and merges.txt against the real one; prompts against the real chat template."""

import importlib.util
import json
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from antiphon.export.checkpoint import Checkpoint, InvalidCheckpoint
from antiphon.export.prompt import (
    REFERENCE_TEMPLATE, TEXT_INSTRUCTIONS, UnsupportedTemplate, _Chat, derived_section, joined, prompt_section,
)
from antiphon.export.tokenizer import built, read_tokenizer

_specification = importlib.util.spec_from_file_location("qwen3", Path(__file__).with_name("qwen3.py"))
qwen3 = importlib.util.module_from_spec(_specification)
_specification.loader.exec_module(qwen3)

TEXT_IDS = {"audio": 151669, "audioBegin": 151670, "audioEnd": 151671}
AUDIO = {"audioBegin": "<|audio_bos|>", "audio": "<|AUDIO|>", "audioEnd": "<|audio_eos|>"}
TEXTS = (
    "Hello, world.", "It's 12:45, isn't it? I'LL pay £3,500.75!", "  two  spaces \t and\ttabs\r\n\r\nlines\n\n\n", "你好，小云！今天天气怎么样？",
    "Größe naïve façade ﬁ ｆｕｌｌ e\u0301 \u00e9", "مرحبا بالعالم हिन्दी ไทย 한국어 日本語カタカナ", "👩‍👩‍👧 🇩🇪 ✓ ∑x²≤∞", "def f(x):\n    return {'a': [x**2, None]}  # ok",
    "<tool_call>\n{\"name\": \"a\", \"arguments\": {}}\n</tool_call><|im_end|>\n<|im_start|>user\n<|audio_bos|><|AUDIO|><|audio_eos|>",
    "<think>\n\n</think>", "<|not_a_token|> <tools>", "\x00\x7f\u200b\ufeff", "a" * 300, "...!!!???\n---", " ", "\n", "1234567890 ٣٤٥ ½ Ⅷ",
)


@pytest.fixture(scope="session")
def released(tmp_path_factory):
    """Folders of two checkpoints without weights: the fast tokenizer's file, and the slow one's."""
    models = qwen3.fetch(tmp_path_factory.mktemp("qwen3"))
    tokenizer, configuration = qwen3.parts(models)
    folders = {}
    for kind, fast in (("fast", True), ("slow", False)):
        folders[kind] = tmp_path_factory.mktemp(kind)
        qwen3.write(folders[kind], tokenizer, configuration, fast)
    return folders


def _files(folder):
    """A checkpoint of which only the small files are looked at."""
    checkpoint = Checkpoint.__new__(Checkpoint)
    checkpoint.folder = Path(folder)
    return checkpoint


def test_the_built_tokenizer_is_the_real_one(released):
    real = Tokenizer.from_file(str(released["fast"] / "tokenizer.json"))
    made = read_tokenizer(_files(released["slow"]), TEXT_IDS)
    assert made.get_vocab(with_added_tokens=True) == real.get_vocab(with_added_tokens=True)
    for text in TEXTS:
        assert made.encode(text).ids == real.encode(text).ids, text
        assert made.decode(made.encode(text).ids, skip_special_tokens=False) == real.decode(real.encode(text).ids, skip_special_tokens=False)
    cut = lambda tokenizer: json.loads(tokenizer.to_str())["pre_tokenizer"]["pretokenizers"][0]
    assert cut(made) == cut(real)


def test_added_tokens_of_the_older_form_give_the_same_ids(released, tmp_path):
    configuration = json.loads((released["slow"] / "tokenizer_config.json").read_text())
    added = {entry["content"]: int(id) for id, entry in configuration.pop("added_tokens_decoder").items()}
    for name in ("vocab.json", "merges.txt"):
        (tmp_path / name).symlink_to(released["slow"] / name)
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(configuration))
    with pytest.raises(InvalidCheckpoint, match="nor added_tokens.json; expected the ids of the special tokens"):
        built(_files(tmp_path))
    (tmp_path / "added_tokens.json").write_text(json.dumps({content: id for content, id in added.items()} | {"<|sil|>": 151699}))
    with pytest.raises(InvalidCheckpoint, match="'<|sil|>' has id 151699; expected 151673"):
        built(_files(tmp_path))
    (tmp_path / "added_tokens.json").write_text(json.dumps(added))
    assert read_tokenizer(_files(tmp_path), TEXT_IDS).encode("<|AUDIO|>a<|sil|>").ids == [151669, 64, 151673]


def test_prompts_equal_the_real_chat_template(released):
    template = json.loads((released["slow"] / "tokenizer_config.json").read_text())["chat_template"]
    notes = []
    section = derived_section(template, AUDIO, notes)
    assert notes == [] and section["tools"] == []
    chat = _Chat(template)
    audio = "".join(AUDIO.values())
    messages = [{"role": "system", "content": TEXT_INSTRUCTIONS}, {"role": "user", "content": audio}]
    messages += [{"role": "assistant", "content": "<tool_call>\n{}\n</tool_call>"}, {"role": "tool", "content": "forty pounds"}]
    assert joined(section, messages) == chat.render(messages, True)
    # The published block begins with one line end where the template has two; all else is the same.
    tools = [{"type": "function", "function": {"name": "get_weather", "description": "查询天气", "parameters": {}}}]
    signatures = [json.dumps(tool, ensure_ascii=False) for tool in tools]
    assert joined(section, messages, signatures) == chat.render(messages, True, tools).replace("\n\n# Tools", "\n# Tools", 1)


def test_a_foreign_checkpoint_gets_no_tools_and_ours_keep_theirs(released, monkeypatch):
    checkpoint = _files(released["slow"])
    tokenizer = read_tokenizer(checkpoint, TEXT_IDS)
    foreign = prompt_section(checkpoint, tokenizer, TEXT_IDS)
    assert foreign.foreign and foreign.section["tools"] == [] and "小云" in foreign.section["personas"]["speech"]
    assert list(foreign.section["personas"]) == ["speech"] and "小云" not in "".join(foreign.section["instructions"].values())
    nano = Checkpoint(Path(__file__).parents[3] / "models/nano")
    own = prompt_section(nano, Tokenizer.from_file(str(nano.folder / "tokenizer.json")), {})
    assert not own.foreign and len(own.section["tools"]) > 5 and "personas" not in own.section


def test_without_a_template_prompts_are_the_reference_processors():
    notes = []
    section = derived_section(REFERENCE_TEMPLATE, AUDIO, notes)
    assert section["systemPrefix"] == "<|im_start|>system\n" and section["assistantPrefix"] == "<|im_start|>assistant\n"
    assert len(notes) == 2  # neither tools nor their results are in it


_CHATML = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ %s }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n%s{% endif %}"


@pytest.mark.parametrize(
    "template, message",
    [
        (_CHATML.replace("%s", "m.content | trim", 1).replace("%s", ""), "changes the content '  space around"),
        (_CHATML.replace("%s", "m.content", 1).replace("%s", "<think>\n"), "begins an answer with '<|im_start|>assistant\\n<think>\\n', but has"),
        ("{{ raise_exception('only two roles') }}", "refuses the roles system, user (only two roles)"),
        (_CHATML.replace("%s", "strftime_now('%d')", 1).replace("%s", ""), "writes the time of day"),
        ("{% for m in messages %}", "cannot be read"),
        ("{% for m in messages %}{{ m.role }}{% endfor %}", "nowhere; expected once"),
    ],
)
def test_templates_that_cannot_be_joined_are_refused_by_name(template, message):
    with pytest.raises(UnsupportedTemplate) as error:
        derived_section(template, AUDIO, [])
    assert message in str(error.value)


def test_absent_tokenizers_and_nameless_ids_are_named(released, tmp_path):
    with pytest.raises(InvalidCheckpoint, match="neither tokenizer.json nor vocab.json with merges.txt"):
        read_tokenizer(_files(tmp_path), TEXT_IDS)
    with pytest.raises(InvalidCheckpoint, match="text id audio = 151700 of config.json is None in tokenizer.json"):
        read_tokenizer(_files(released["fast"]), TEXT_IDS | {"audio": 151700})
    (tmp_path / "tokenizer.json").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n")
    with pytest.raises(InvalidCheckpoint, match="a Git LFS pointer, not the file itself"):
        read_tokenizer(_files(tmp_path), TEXT_IDS)
