"""The text tokenizer of a checkpoint: ``tokenizer.json`` as it stands, or built from ``vocab.json`` and ``merges.txt``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Mapping

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from antiphon.export.checkpoint import Checkpoint, InvalidCheckpoint

TOKENIZER = "tokenizer.json"
VOCABULARY, MERGES = "vocab.json", "merges.txt"
_WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
"""How Qwen's tokenizers cut a text before its bytes are merged; ``vocab.json`` and ``merges.txt`` do not say."""


def read_tokenizer(checkpoint: Checkpoint, text_ids: Mapping[str, Any]) -> Tokenizer:
    """The checkpoint's tokenizer, checked against ``text_ids`` of config.json.

    Raises InvalidCheckpoint where the files are absent, where only the slow form of another family is there, or where a
    special id of config.json is none of the tokenizer's special tokens.
    """
    folder = checkpoint.folder
    if (folder / TOKENIZER).exists():
        checkpoint.read_json(TOKENIZER)  # names a pointer or a file cut short
        tokenizer, origin = Tokenizer.from_file(str(folder / TOKENIZER)), TOKENIZER
    elif (folder / VOCABULARY).exists() and (folder / MERGES).exists():
        tokenizer, origin = built(checkpoint), f"{VOCABULARY} and {MERGES}"
    else:
        raise InvalidCheckpoint(
            f"{folder}: neither {TOKENIZER} nor {VOCABULARY} with {MERGES}; expected the text tokenizer's files"
        )
    for name in ("audio", "audioBegin", "audioEnd"):
        token = tokenizer.id_to_token(text_ids[name])
        if token is None or tokenizer.encode(token, add_special_tokens=False).ids != [text_ids[name]]:
            raise InvalidCheckpoint(
                f"{folder}: text id {name} = {text_ids[name]} of config.json is {token!r} in {origin}; expected a token of its own "
                "(added_tokens.json or added_tokens_decoder of tokenizer_config.json gives it a name)"
            )
    return tokenizer


def built(checkpoint: Checkpoint) -> Tokenizer:
    """A byte-level tokenizer of Qwen's family from ``vocab.json``, ``merges.txt`` and the added tokens beside them."""
    folder = checkpoint.folder
    configuration = checkpoint.read_json("tokenizer_config.json")
    kind = configuration.get("tokenizer_class", "Qwen2Tokenizer")
    if kind.removesuffix("Fast") != "Qwen2Tokenizer":
        raise InvalidCheckpoint(
            f"{folder / 'tokenizer_config.json'}: tokenizer_class {kind!r} without {TOKENIZER}; expected 'Qwen2Tokenizer', "
            "the only family whose rules for cutting words are known here"
        )
    vocabulary = checkpoint.read_json(VOCABULARY)
    lines = (folder / MERGES).read_text(encoding="utf-8").split("\n")
    merges = [tuple(line.split(" ")) for line in lines if line and not line.startswith("#version")]
    broken = next((merge for merge in merges if len(merge) != 2), None)
    if broken is not None:
        raise InvalidCheckpoint(f"{folder / MERGES}: {' '.join(broken)!r}; expected two parts in every line; download the file again")
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(_WORDS), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ])
    tokenizer.post_processor = processors.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False)
    for id, token in sorted(_added(checkpoint, configuration).items()):
        expected = vocabulary.get(token.content, tokenizer.get_vocab_size())
        if expected != id:
            raise InvalidCheckpoint(
                f"{folder}: added token {token.content!r} has id {id}; expected {expected}, since ids follow {VOCABULARY} without a gap"
            )
        (tokenizer.add_special_tokens if token.special else tokenizer.add_tokens)([token])
    return tokenizer


def _added(checkpoint: Checkpoint, configuration: Mapping[str, Any]) -> dict[int, AddedToken]:
    """Added tokens by id, from ``tokenizer_config.json``, else from the older ``added_tokens.json`` (all special there)."""
    listed = configuration.get("added_tokens_decoder", {})
    if listed:
        flags = ("lstrip", "rstrip", "normalized", "single_word", "special")
        return {int(id): AddedToken(entry["content"], **{flag: bool(entry.get(flag)) for flag in flags}) for id, entry in listed.items()}
    older = checkpoint.read_json("added_tokens.json")
    if not older:
        raise InvalidCheckpoint(
            f"{checkpoint.folder}: neither {TOKENIZER} nor added_tokens_decoder in tokenizer_config.json nor added_tokens.json; "
            "expected the ids of the special tokens"
        )
    return {int(id): AddedToken(content, special=True, normalized=False) for content, id in older.items()}


def save_tokenizer(tokenizer: Tokenizer, path: Path) -> None:
    """Writes ``tokenizer.json``."""
    path.unlink(missing_ok=True)  # it may be a link to the checkpoint's own
    path.write_text(json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False) + "\n", encoding="utf-8")
