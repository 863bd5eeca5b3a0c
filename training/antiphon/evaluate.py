"""Figures of a checkpoint on held-out recordings, by voice and task, with the released greedy loop.

`python -m antiphon.evaluate runs/nano/final --manifest runs/evaluation/MANIFEST.jsonl --out runs/nano/final/evaluation.json`

A manifest line: {id, audio, intent, voice, reference, expected, held_out_voice, call?, result?}; `audio` lies beside the
manifest. Where a tool call is expected (`call`), `result` is what the tool answers and `expected` the answer after it.
"""
from __future__ import annotations

import argparse
import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import soundfile
import torch

from antiphon.data import prompt
from antiphon.model import checkpoint
from antiphon.model.generation import generate, speech_codes
from antiphon.train.audio import Features, encode_batch
from antiphon.train.figures import same, word_error_rate
from antiphon.train.run import RUNS
from antiphon.train.sequences import Sample, Sequences, Vocabulary

RATE = 16000


def read_recording(path: Path, features: Features, text: str, voice: str):
    """A 16 kHz mono WAV as a Recording. Raises ValueError naming the file for another rate."""
    wave, rate = soundfile.read(path, dtype="float32")
    if rate != RATE or wave.ndim != 1:
        raise ValueError(f"{path}: {rate} Hz, {wave.ndim} channels; expected {RATE} Hz mono")
    raw = features.log_mel.raw(torch.from_numpy(np.ascontiguousarray(wave)))
    return features.recording(raw, len(wave), text, None, voice)


def prompts_for(vocabulary, recordings, mode: str) -> list[torch.Tensor]:
    """Prompts of single-turn recordings in a mode, system message included."""
    sequences = Sequences(vocabulary)
    prompts = []
    for recording in recordings:
        sample = Sample(mode)
        sequences.user(sample, {"user": ""}, recording)
        prompts.append(torch.tensor(vocabulary.prefix(mode) + sample.ids))
    return prompts


def tool_call(text: str) -> dict | None:
    """The call inside `<tool_call>` tags, None if there is none or it is not JSON."""
    if prompt.TOOL_CALL not in text or prompt.TOOL_CALL_END not in text:
        return None
    try:
        return json.loads(text.split(prompt.TOOL_CALL)[1].split(prompt.TOOL_CALL_END)[0])
    except ValueError:
        return None


def evaluate(model, vocabulary, lines: list[dict], folder: Path, running: bool = True, batch: int = 20, judge=None,
             report=print) -> list[dict]:
    """One result per manifest line: transcript, text answer, joint answer's text and speech ids (and what was heard in them)."""
    features = Features(running=running)
    results = []
    for start in range(0, len(lines), batch):
        part = lines[start: start + batch]
        recordings = [read_recording(folder / l["audio"], features, l["reference"], l["voice"]) for l in part]
        with torch.no_grad():
            encoded = encode_batch(model, recordings, torch.float32)
        groups = [encoded.groups[a: a + r.groups] for a, r in zip(encoded.group_starts, recordings)]
        transcripts = generate(model, prompts_for(vocabulary, recordings, prompt.TRANSCRIBE), groups, speech=False, limit=40)
        texts = generate(model, prompts_for(vocabulary, recordings, prompt.TEXT), groups, speech=False, limit=48)
        spoken_prompts = prompts_for(vocabulary, recordings, prompt.SPEECH)
        joint = generate(model, spoken_prompts, groups, limit=72)
        called = [vocabulary.decode(a.text) if prompt.TOOL_CALL in vocabulary.decode(a.text) else "" for a in joint]
        after = [n for n, line in enumerate(part) if called[n] and "result" in line]
        if after:
            continued = []
            for n in after:
                tail = prompt.assistant_history(called[n].strip()) + prompt.tool_result_turn(part[n]["result"])
                continued.append(torch.cat([spoken_prompts[n], torch.tensor(vocabulary.encode(tail))]))
            for n, answer in zip(after, generate(model, continued, [groups[n] for n in after], limit=72)):
                joint[n] = answer
        codes = [speech_codes(a, model) for a in joint]
        heard = judge.heard(codes) if judge else [None] * len(part)
        for n, (line, t, a, j) in enumerate(zip(part, transcripts, texts, joint)):
            results.append({**line, "transcript": vocabulary.decode(t.text), "text": vocabulary.decode(a.text),
                            "called": tool_call(called[n]), "joint": vocabulary.decode(j.text), "speech": codes[n],
                            "heard": heard[n], "speech_ended": model.c.codes.eos in j.speech})
        report(f"{len(results)} of {len(lines)}")
    return results


def summary(results: list[dict]) -> dict:
    """Figures over results: all, by voice family, by held-out or not, by intent."""
    sets = defaultdict(list)
    for r in results:
        sets["all"].append(r)
        sets["held-out voices" if r["held_out_voice"] else "known voices"].append(r)
        sets["voice " + r["voice"].replace("gmw/", "")].append(r)
        sets["intent " + r["intent"]].append(r)
    return {name: figures(rows) for name, rows in sorted(sets.items())}


def figures(rows: list[dict]) -> dict:
    """Recognition and answers of some results; random strings count in their own figures."""
    domain = [r for r in rows if r["intent"] != "random"]
    strings = [r for r in rows if r["intent"] == "random"]
    plain = [r for r in domain if "call" not in r]
    tools = [r for r in domain if "call" in r]
    spoken = [r for r in domain if r["speech"]]

    def part(selected, test):
        return round(sum(map(test, selected)) / len(selected), 3) if selected else None

    result = {"recordings": len(rows)}
    if domain:
        result["wer"] = round(word_error_rate((r["transcript"], r["reference"]) for r in domain), 4)
        result["answers_exact"] = part(plain, lambda r: same(r["joint"], r["expected"]))
        result["answers_exact_text_mode"] = part(plain, lambda r: same(r["text"], r["expected"]))
        result["tool_calls_exact"] = part(tools, lambda r: r["called"] == r["call"])
        result["tool_calls_exact_text_mode"] = part(tools, lambda r: tool_call(r["text"]) == r["call"])
        result["answers_after_tool_exact"] = part(tools, lambda r: same(r["joint"], r["expected"]))
    if strings:
        result["wer_random"] = round(word_error_rate((r["transcript"], r["reference"]) for r in strings), 4)
        result["refused"] = part(strings, lambda r: same(r["joint"], r["expected"]))
    if spoken:
        result["speech_ended"] = part(spoken, lambda r: r["speech_ended"])
        if spoken[0]["heard"] is not None:
            result["voice_wer"] = round(word_error_rate((r["heard"], r["joint"]) for r in spoken), 4)
            result["voice_wer_expected"] = round(word_error_rate((r["heard"], r["expected"]) for r in spoken), 4)
    return result


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("checkpoint", type=Path)
    arguments.add_argument("--manifest", type=Path, default=RUNS / "evaluation" / "MANIFEST.jsonl")
    arguments.add_argument("--detokenizer", type=Path, default=RUNS / "detokenizer" / "detokenizer.safetensors")
    arguments.add_argument("--answers", type=Path, default=RUNS / "data" / "answers.txt")
    arguments.add_argument("--count", type=int, default=10**6)
    arguments.add_argument("--whole-maximum", action="store_true", help="clip log-mel at the whole utterance's maximum")
    arguments.add_argument("--no-voice", action="store_true")
    arguments.add_argument("--out", type=Path)
    options = arguments.parse_args()
    torch.set_num_threads(1)
    vocabulary = Vocabulary(options.checkpoint)
    model = checkpoint.load(options.checkpoint)
    lines = [json.loads(line) for line in options.manifest.read_text().splitlines()][: options.count]
    judge = None
    if not options.no_voice:
        from antiphon.train.voice_figures import Judge
        texts = options.answers.read_text().splitlines() + [l["expected"] for l in lines]
        judge = Judge(options.detokenizer, texts)
    results = evaluate(model, vocabulary, lines, options.manifest.parent, not options.whole_maximum, judge=judge)
    table = summary(results)
    if options.out:
        options.out.write_text(json.dumps({"summary": table, "results": results}, indent=1) + "\n")
    for name, row in table.items():
        print(name, json.dumps(row))


if __name__ == "__main__":
    main()
