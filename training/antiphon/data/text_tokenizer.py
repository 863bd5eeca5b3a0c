"""Trains the text tokenizer: byte-level BPE over the domain's questions, answers, tool calls and prompt texts.

    python -m antiphon.data.text_tokenizer [--size 2200]

writes `runs/data/tokenizer/tokenizer.json` and `tokenizer_config.json`, a Hugging Face fast tokenizer whose normalizer,
pre-tokenizer and decoder are those of the released checkpoint, so that one implementation reads both. The whole signature
of each of the domain's tools is one added (not special) token, which keeps the prompt short.
"""

import argparse
import json

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

from antiphon.data import dialogues, paths, prompt
from antiphon.data.domain import load_domain, title

# The released tokenizer's split: contractions, a word with what stands before it, single digits, punctuation, newlines.
SPLIT = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
MAXIMUM_LENGTH = 2048


def train(texts, size, signatures):
    """A `tokenizers.Tokenizer` of `size` entries: bytes and merges first, then special tokens, then tool signatures."""
    tokenizer = Tokenizer(models.BPE(byte_fallback=False))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(SPLIT), behavior="isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    added = len(prompt.SPECIAL_TOKENS) + len(signatures)
    tokenizer.train_from_iterator(texts, trainers.BpeTrainer(
        vocab_size=size - added, initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()), show_progress=False))
    tokenizer.add_special_tokens([AddedToken(text, special=True, normalized=False) for text in prompt.SPECIAL_TOKENS])
    tokenizer.add_tokens([AddedToken(text, special=False, normalized=False) for text in signatures])
    return tokenizer


def texts(rows):
    """What the tokenizer learns from, for the dialogues `rows`. Each distinct text counts once; the vocabulary is repeated with a space before each
    word, without, and capitalised where answers do so, so that rare words are one entry too."""
    domain = load_domain()
    distinct = set()
    for dialogue in rows:
        for turn in dialogue["turns"]:
            distinct.update(filter(None, (turn["user"], turn["tool_result"], turn["assistant"])))
    answers = {text for text in distinct if not dialogues.is_tool_call(text)}
    words = dialogues.vocabulary(domain)
    inside = {word.strip(".,?") for text in answers for word in text.split()} | set(words)
    inside |= {word.strip(".") for mode in prompt.MODES for word in prompt.instructions(mode).split()}
    starts = {text.split()[0] for text in answers} | {value.spoken.split()[0] for values in domain.slots.values() for value in values}
    starts |= {title(value.spoken) for slot in ("day", "month") for value in domain.slots[slot]}
    pieces = [piece for text in _json_pieces(domain) for piece in (text, " " + text)]
    prompts = [prompt.system(mode, []) + prompt.text_turn("") + prompt.tool_result_turn("done") for mode in prompt.MODES]
    return sorted(distinct) + (sorted(" " + word for word in inside) + sorted(starts) + pieces + prompts) * 200


def further_texts(most=4_000):
    """What training brings besides dialogues, each distinct text once, `most` conversations of each file that is there: as people type,
    as tools answer, other tools' signatures, instructions, moods, utterances."""
    distinct = set()
    for name in ("robust", "instructions", "empathy", "utterances"):
        if not (paths.DIALOGUES / f"{name}_train.jsonl").exists():
            continue
        for row in dialogues.read(f"{name}_train")[:most]:
            distinct.update(row.get("signatures") or ())
            distinct.update(filter(None, (row.get("instructions"), *(turn[key] for turn in row["turns"] for key in ("user", "tool_result", "assistant")))))
    return sorted(distinct)


def _json_pieces(domain):
    """What a tool call's JSON is made of, besides the values."""
    for tool, parameters in domain.tools.items():
        yield json.dumps({"name": tool, "arguments": {name: "" for name in parameters}})


def save(tokenizer, folder):
    """Writes both files; the names of the special tokens are those of the released checkpoint."""
    with paths.atomic(folder / "tokenizer.json") as file:
        file.write(tokenizer.to_str(pretty=True))
    decoder = {str(tokenizer.token_to_id(text)): {"content": text, "lstrip": False, "normalized": False, "rstrip": False,
                                                  "single_word": False, "special": text in prompt.SPECIAL_TOKENS}
               for text in prompt.SPECIAL_TOKENS + load_domain().signatures}
    configuration = {
        "add_bos_token": False, "add_prefix_space": False, "added_tokens_decoder": decoder,
        "additional_special_tokens": [text for text in prompt.SPECIAL_TOKENS if text != prompt.PAD], "bos_token": None,
        "clean_up_tokenization_spaces": False, "eos_token": prompt.IM_END, "errors": "replace",
        "model_max_length": MAXIMUM_LENGTH, "pad_token": prompt.PAD, "split_special_tokens": False,
        "tokenizer_class": "PreTrainedTokenizerFast", "unk_token": None}
    with paths.atomic(folder / "tokenizer_config.json") as file:
        json.dump(configuration, file, indent=2)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=2200)
    arguments = parser.parse_args()
    tokenizer = train(texts(dialogues.read("train") + dialogues.read("test")) + further_texts(), arguments.size, load_domain().signatures)
    save(tokenizer, paths.TOKENIZER)
    words = dialogues.vocabulary(load_domain())
    single = sum(len(tokenizer.encode(" " + word).ids) == 1 for word in words)
    system = tokenizer.encode(prompt.system(prompt.SPEECH))
    print(f"{tokenizer.get_vocab_size()} entries; {single} of {len(words)} words are one entry; "
          f"the system message is {len(system.ids)} ids")


if __name__ == "__main__":
    main()
