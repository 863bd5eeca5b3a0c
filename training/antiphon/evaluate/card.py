"""Writes the model card from measured figures alone.

`python -m antiphon.evaluate.card CHECKPOINT BUNDLE --figures runs/figures --joint runs/nano/joint`

reads the JSON files of the other commands below FIGURES, gathers them in BUNDLE/figures.json and fills the text `card.md`
into BUNDLE/README.md. What was not measured is said to be not measured.
"""
from __future__ import annotations

import argparse
import json
import shutil
import textwrap
from pathlib import Path
from string import Template

from safetensors import safe_open

from antiphon.evaluate import manifest, results
from antiphon.evaluate.agreement import show
from antiphon.evaluate.figures import turn_right
from antiphon.export.word_times import FILE as WORD_TIMES
from antiphon.train.run import RUNS

FILES = {"dataflow": "dataflow.json", "checkpoint": "checkpoint.json", "text_questions": "text_questions.json",
         "detokenizer": "detokenizer/figures.json", "reference": "reference/figures.json", "parity": "parity.json",
         "cocktail": "cocktail.json", "robustness": "robustness.json", "instructed": "instructed.json", "listening": "listening.json"}
KINDS = {"typed": "questions as typed, exact", "typed result": "– the answer after the tool's result",
         "value": "calls whose result is a value in some form", "value result": "– the value spoken rightly",
         "nothing": "calls whose result is empty or an error", "nothing result": "– that admitted",
         "offered": "renamed, fewer or no tools: right call, answer or refusal", "offered result": "– the answer after the tool's result"}
NOT_MEASURED = "Not measured."
PARTS = {"continuous_audio_tower.": "speech encoder", "language_model.": "shared LLM", "audio_invert_tower.": "refined head",
         "audio_tower.": "speech tokens' table and grouping"}
CONVERSATIONS = (
    ("WER of the transcript, sentences of the domain", "questions", "wer", "at most 5 %"),
    ("the same through the telephone band", "telephone", "wer", "at most 3 points more"),
    ("the same questions in the full band", "telephone", "wer_full_band", ""),
    ("WER of random word strings", "questions", "wer_random", "at most 25 %"),
    ("Kokoro's held-out voices: WER of the transcript", "natural", "wer", "at most 3 %"),
    ("– by telephone", "natural-telephone", "wer", "at most 2 points more"),
    ("– plain answers exact", "natural", "answers_exact", "at least 93 %"),
    ("– tool calls exact", "natural", "calls_exact", "at least 95 %"),
    ("plain answers exact", "questions", "answers_exact", "at least 90 %"),
    ("tool calls exact", "questions", "calls_exact", "at least 95 %"),
    ("answers after the tool's result, where the call was right", "questions", "answers_after_right_call_exact", "at least 95 %"),
    ("answers after the tool's result, wrong calls counted", "questions", "answers_after_tool_exact", ""),
    ("second turns exact", "turns", "turn_2_exact", "at least 85 %"),
    ("third turns exact", "turns", "turn_3_exact", "at least 85 %"),
    ("– follow-ups", "turns", "follow-up_exact", ""),
    ("– confirmations", "turns", "confirmation_exact", ""),
    ("– requests to repeat", "turns", "repeat_exact", ""),
    ("– new questions", "turns", "new question_exact", ""),
    ("– where all turns before were right", "turns", "later_exact_after_right_turns", ""),
    ("after 4 to 27 s of quiet: WER of the transcript", "hesitant", "wer", ""),
    ("– plain answers exact", "hesitant", "answers_exact", ""),
    ("– tool calls exact", "hesitant", "calls_exact", ""),
    ("conversations of six turns and more, quiet of 1 to 20 s before half of them: first turns exact", "long", "turn_1_exact", ""),
    ("– second turns", "long", "turn_2_exact", ""),
    ("– third turns", "long", "turn_3_exact", ""),
    ("– fourth turns and later", "long", "fourth_and_later_exact", ""),
    ("random words refused", "questions", "random_refused", "at least 90 %"),
    ("sentences of another domain refused", "outside", "refused", "at least 90 %"),
    ("questions of the domain refused", "questions", "wrongly_refused", "at most 3 %"))
STAGES = ("text", "listening", "speaking")
LATER = ("voice", "joint", "longer", "patient", "reading", "reading-again", "reading-merged", "sturdy", "reading-sturdy", "varied",
         "balanced", "reading-balanced", "listening-again", "reading-again-2")


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows])


def sizes(checkpoint: Path, bundle: Path) -> dict:
    """Parameters of each part of the checkpoint, bytes of each kind of file of the bundle."""
    parameters = dict.fromkeys(PARTS.values(), 0)
    with safe_open(checkpoint / "model.safetensors", "np") as file:
        for name in file.keys():
            count = 1
            for size in file.get_slice(name).get_shape():
                count *= size
            parameters[next(part for start, part in PARTS.items() if name.startswith(start))] += count
    files = {name: (bundle / name).stat().st_size for name in ("model.safetensors", "detokenizer.safetensors", WORD_TIMES)
             if (bundle / name).exists()}
    # The card and its figures come with the bundle, but are no part of the model.
    whole = sum(f.stat().st_size for f in bundle.iterdir() if f.is_file() and f.name not in ("README.md", "figures.json"))
    return {"parameters": parameters, "bytes": files | {"everything": whole}, "config": json.loads((checkpoint / "config.json").read_text())}


def training(joint: Path) -> dict:
    """What each stage took whose log is there: minutes, processes, steps and hours of audio heard."""
    stages = {}
    for name, folder in ({s: joint.parent / s for s in (*STAGES, *LATER)} | {"joint": joint}).items():
        if not (folder / "log.jsonl").exists():
            continue
        settings = json.loads((folder / "configuration.json").read_text())
        logs = [[json.loads(line) for line in log.read_text().splitlines()]
                for log in [folder / "log.jsonl", *sorted(folder.glob("worker*/log.jsonl"))]]
        minutes = settings["minutes"] - max(0, logs[0][-1]["left_s"]) / 60
        if name == "joint":
            joint_lines = logs[0]
        elif name == "longer" and "joint" in stages and logs[0][:len(joint_lines)] == joint_lines:
            # It went on in a copy of the folder: lines and minutes of before are the joint stage's.
            logs[0], minutes = logs[0][len(joint_lines):], minutes - stages["joint"]["minutes"]
        stages[name] = {"minutes": round(minutes, 1), "processes": len(logs), "steps": sum(map(steps, logs)), "hours_heard": round(sum(map(hours_heard, logs)), 1) or None}
    return stages


def first_step(lines: list[dict]) -> int:
    """Where a log begins: 0, unless it goes on with another one's."""
    return lines[0]["step"] if "renderings" in lines[0] else 0


def steps(lines: list[dict]) -> int:
    """Steps made in one process's log, also if it was started more than once."""
    numbers = [first_step(lines)] + [line["step"] for line in lines]
    return sum(max(0, after - before) for before, after in zip(numbers, numbers[1:]))


def hours_heard(lines: list[dict]) -> float:
    """Hours of callers' audio in one process's log, whose lines have the mean of a step since the line before."""
    heard, last = 0.0, first_step(lines)
    for line in lines:
        if "audio" in line:
            heard += line["audio"] * max(0, line["step"] - last) / 3600
            last = line["step"]
    return heard


def sizes_text(figures: dict) -> str:
    c, p, b = figures["config"], figures["parameters"], figures["bytes"]
    text, audio = c["text_config"], c["audio_config"]
    head = audio["crq_transformer_config"]
    million = lambda n: f"{n / 1e6:.1f} million"
    layers = lambda t: (f"{t['num_hidden_layers']} layers, width {t['hidden_size']}, {t['num_attention_heads']} query and "
                        f"{t['num_key_value_heads']} key-value heads of {t['head_dim']}")
    window = lambda t: f", sees the last {t['sliding_window']} of its entries" if t.get("use_sliding_window") else ""
    rows = [["speech encoder (`continuous_audio_tower`)", f"{audio['encoder_layers']} layers, width {audio['d_model']}, windows of 2 s", million(p["speech encoder"])],
            ["shared LLM (`language_model`)", f"{layers(text)}, vocabulary {text['vocab_size']}, tied", million(p["shared LLM"])],
            ["refined head (`audio_invert_tower`)", f"{layers(head)}, groups of {audio['group_size']}{window(head)}", million(p["refined head"])],
            ["speech tokens and grouping (`audio_tower`)", f"codebook {audio['codebook_size']}", million(p["speech tokens' table and grouping"])],
            ["together, `model.safetensors`", f"{c['torch_dtype']}, {b['model.safetensors'] / 1e6:.1f} MB", million(sum(p.values()))],
            ["`detokenizer.safetensors`", f"decoder and source-filter vocoder, 24 kHz, fp16, {b['detokenizer.safetensors'] / 1e6:.1f} MB", million(b["detokenizer.safetensors"] / 2)],
            *([[f"`{WORD_TIMES}`", f"times of words, from the encoder's states, {b[WORD_TIMES] / 1e3:.0f} kB", million(b[WORD_TIMES] / 4)]]
              if WORD_TIMES in b else []),
            ["the bundle", f"with graphs, which hold no weights: {b['everything'] / 1e6:.1f} MB", ""]]
    return table(["part", "size", "parameters"], rows)


def training_text(figures: dict) -> str:
    names = {"text": "text only (M0)", "listening": "pre-alignment: listening", "speaking": "pre-alignment: speaking",
             "voice": "the ids of a new voice and new ears, from the checkpoint before", "joint": "everything jointly",
             "longer": "the same, more answers, styles and questions about sounds",
             "patient": "the shared LLM: quiet before the words, long conversations; 85 % of the way is taken",
             "reading": "the voice alone: reading, on its own guesses", "reading-again": "the same again, the rate falling from the start",
             "reading-merged": "the same on the merged shared LLM that it speaks with",
             "sturdy": "the shared LLM: noise, typed text, results and offers of tools", "reading-sturdy": "reading on it; half of the way is taken",
             "varied": "the shared LLM: forms of results and tools drawn at random; seven tenths of the way are taken",
             "balanced": "listening and answering more again", "reading-balanced": "reading on it",
             "listening-again": "listening and answering most", "reading-again-2": "reading on it; six tenths of the way are taken"}
    rows = [[names[n], f"{s['minutes']:.0f} min × {s['processes']}", str(s["steps"]), f"{s['hours_heard']} h" if s["hours_heard"] else "–"]
            for n, s in figures.items()]
    hours = sum(s["minutes"] * s["processes"] for s in figures.values()) / 60
    before = "" if set(STAGES) <= set(figures) else " The stages before left no log beside this one; the training log tells them."
    return (table(["stage", "time × processes of one thread", "steps", "callers heard"], rows)
            + f"\n\nTogether {hours:.1f} process hours on two cores that other work shared, pauses counted; no accelerator.{before}")


def conversations_text(dataflow: dict) -> str:
    rows = []
    for label, part, figure, aim in CONVERSATIONS:
        cells = [show(dataflow.get(part, {}).get(group, {}).get(figure)) for group in ("all", "known voices", "held-out voices")]
        if cells[0] != "–":
            rows.append([label, *cells, aim])
        if figure == "wer" and part == "questions":
            rms = dataflow["questions"].get("voice flite rms", {}).get("wer")
            rows.append(["– flite `rms` alone", "", "", show(rms), "at most 15 %"])
    return table(["", "all", "known voices", "held-out voices", "aim"], rows)


def groups_text(dataflow: dict, prefix: str, columns: list[tuple[str, str, str]]) -> str:
    """A row for every group whose name starts with `prefix`."""
    names = sorted({g for part in ("questions", "telephone") for g in dataflow.get(part, {}) if g.startswith(prefix)})
    cell = lambda name, part, figure: show(dataflow.get(part, {}).get(name, {}).get(figure))
    kept = [c for c in columns if any(cell(n, *c[1:]) != "–" for n in names)]
    return table([prefix.strip(), *(c[0] for c in kept)], [[n.removeprefix(prefix), *(cell(n, *c[1:]) for c in kept)] for n in names])


def speech_text(dataflow: dict, checkpoint: dict | None) -> str:
    def one(name, speech):
        stuck = "" if speech["stuck"] is None else f", {speech['stuck']} stuck in a pattern of ids"
        return (f"{name}: of {speech['answers']} spoken answers {speech['endless']} endless or far too long, {speech['short']} far too short, "
                f"{speech['silent']} silent{stuck}.")
    lines = [one("Through Kafka and Flink", dataflow["speech"])]
    if checkpoint:
        lines.append(one("From the checkpoint", checkpoint["speech"]))
    heard = dataflow["speech"].get("recognised")
    if heard:
        lines.append(f"\npocketsphinx with a trigram of the domain hears {heard['answers']} of these answers with a WER of {show(heard['wer'])} against their own text, "
                     f"and the teacher's voice speaking the same texts with {show(heard['wer_of_the_teacher'])}.")
    return "\n".join(lines)


def detokenizer_text(d: dict | None) -> str:
    if not d:
        return "Detokenizer alone: " + NOT_MEASURED.lower()
    return (f"The detokenizer alone, from the ids of held-out sentences: mel error {d['melL1']:.2f} nats, pitch error {d['pitchErrorSemitones']:.2f} semitones, "
            f"WER {100 * d['resynthesisWerTrigram']:.1f} %, the teacher's voice {100 * d['teacherWerTrigram']:.1f} %.")


def agreement_text(checkpoint: dict | None) -> str:
    if not checkpoint or "agreement" not in checkpoint:
        return "Agreement with the checkpoint in Python: " + NOT_MEASURED.lower()
    a = checkpoint["agreement"]
    return ("The checkpoint alone, in Python, gives the same: " + ", ".join(f"{name.replace('_', ' ')} {show(a[name])}" for name in ("transcripts", "calls", "texts", "speech_tokens"))
            + f" of all {a['turns']} turns.")


def text_questions_text(t: dict | None) -> str:
    if not t:
        return NOT_MEASURED
    rows = [[name, show(row["m0_exact"]), show(row["exact"]), show(row["kept"])] for name, row in t.items()]
    return table(["written questions, held out", "M0, text only", "nano", "kept of what M0 had right (aim: 98 %)"], rows)


def cocktail_text(c: dict | None) -> str:
    if not c:
        return "The recipe without the merge: " + NOT_MEASURED.lower()
    rows = [[s["start"], show(s["text_questions"]["kept"]), show(s["text_questions"]["exact"]), show(s["wer"]), f"{s['held_out_bits']:.2f}"]
            for s in c["starts"]]
    stages = ", ".join(f"{name} {minutes:.0f} min" for name, minutes in c["minutes"].items())
    return (f"The merge measured beside runs without it, from stages trained for this comparison (one process each: {stages}; the M0 above is theirs), "
            f"each {c['steps']} steps of joint training from the same seed:\n\n"
            + table(["shared LLM at the start", "kept of M0", "written questions exact", "WER, held-out voices", "bits per speech id, held out"], rows))


def reference_text(r: dict | None, parity: dict | None) -> str:
    if not r:
        return NOT_MEASURED
    names = "without missing or unexpected names" if not r["missing_names"] and not r["unexpected_names"] else f"with names {r['missing_names']} missing and {r['unexpected_names']} unexpected"
    line = (f"`FunAudioChatForConditionalGeneration` (transformers 4.52.3, `sdpa`) loads the checkpoint {names}. On {r['recordings']} held-out recordings its greedy ids are those of "
            f"`antiphon.model` in {show(r['identical_answer'])} of the answers, text and speech, and {show(r['identical_text'])} of the transcripts")
    return line + (f"; in `./antiphon parity` {parity['agreeing']} of {parity['cases']} of these cases agree in every stage and id." if parity else ".")


def parity_figures(text: str) -> dict:
    """Cases of `./antiphon parity`'s output and how many have no stage that differs."""
    cases = {}
    for fields in map(str.split, text.splitlines()):
        if len(fields) > 1 and fields[0] in ("ok", "DIFFERENT"):
            number = fields[1].partition(".")[0]
            cases[number] = cases.get(number, True) and fields[0] == "ok"
    return {"cases": len(cases), "agreeing": sum(cases.values())}


def examples(folder: Path, conversations, count: int, out: Path) -> list[dict]:
    """Copies questions by held-out voices (natural ones, where they asked) and their spoken, right answers to `out`, one of an intent."""
    outcomes, _ = results.read(folder / "results.jsonl", conversations)
    asked = manifest.NATURAL if any(c.set == manifest.NATURAL for c in conversations) else manifest.QUESTIONS
    chosen, seen = [], set()
    for o in outcomes:
        c = o.conversation
        if (c.set == asked and c.held_out_voice and len(c.turns) == 1 and o.speech and turn_right(o) and o.turn.in_domain
                and o.turn.intent not in seen and len(chosen) < count and o.speech.stat().st_size < 150_000):
            seen.add(o.turn.intent)
            out.mkdir(parents=True, exist_ok=True)
            name = o.turn.intent.replace("_", "-")
            shutil.copyfile(o.turn.audio, out / f"{name}-question.wav")
            shutil.copyfile(o.speech, out / f"{name}-answer.wav")
            chosen.append({"name": name, "voice": c.voice, "question": o.turn.reference, "answer": o.text.strip()})
    return chosen


def examples_text(chosen: list[dict], link: str) -> str:
    if not chosen:
        return "No recordings are kept here."
    rows = [[f"[question]({link}/{e['name']}-question.wav)", e["question"], e["voice"], f"[answer]({link}/{e['name']}-answer.wav)", e["answer"]] for e in chosen]
    return table(["", "said", "by", "", "answered"], rows)


def listening_text(listening: dict | None) -> str:
    """Whisper and DNSMOS on the answers and on the teacher's voice with the same texts."""
    if not listening:
        return "Whisper and DNSMOS on the answers: " + NOT_MEASURED.lower()
    row = lambda name, one: [name, show(one["wer"]), show(one["without_error"]), f"{one['ovrl']['median']:.2f}", f"{one['ovrl']['p10']:.2f}"]
    return table(["", "WER by Whisper base", "answers without an error", "DNSMOS overall, median", "lowest tenth"],
                 [row("nano, through Kafka and Flink", listening["answers"]), row("the teacher's voice, the same texts", listening["teacher"])])


def styles_text(instructed: dict | None) -> str:
    """What the instructions of a conversation move in the voice."""
    if not instructed:
        return "Styles of the answers: " + NOT_MEASURED.lower()
    rows = [[f"moved at least 60 % of the way: {'every measure of the style' if name == 'all' else name}", ratio(count)] for name, count in instructed["moved"].items()]
    return ("Held-out conversations with a style in force, written questions, answers in speech, against the checkpoint's own neutral reading of the same words.\n\n"
            + table(["", "right"], [["words of the answer exact", ratio(instructed["text"])], *rows, ["style nearest of all by pace, pitch, range and level", ratio(instructed["named"])]]))


def robustness_text(r: dict | None) -> str:
    """Typed questions, tool results, offered tools, sounds without words, questions about sounds."""
    if not r:
        return "Typed text, tool results, noise: " + NOT_MEASURED.lower()
    rows = [[KINDS.get(kind, kind), ratio(count)] for kind, count in r["written"]["exact"].items()]
    rows.append(["calls of a tool that was not offered", ratio(r["written"]["calls_not_offered"])])
    rows += [[f"noise, music, tones, silence: {what}", ratio(r["quiet"][name])]
             for name, what in (("answered", "answers with words"), ("called", "tool calls"), ("transcribed", "transcripts with words"))]
    rows += [[f"four-choice questions about a recording: {task.replace('_', ' ')}", ratio(count)] for task, count in r.get("understanding", {}).items()]
    return table(["the checkpoint alone, in Python", ""], rows)


def ratio(count: list[int]) -> str:
    """[some, all] as a share with its count."""
    some, every = count
    return show({"right": some, "of": every, "share": some / every} if every else None)


def card(figures: dict) -> str:
    """The card's text. `figures` as BUNDLE/figures.json holds them."""
    d = figures["dataflow"]
    return wrapped(Template(Path(__file__).with_name("card.md").read_text()).substitute(
        sizes=sizes_text(figures["sizes"]), training=training_text(figures["training"]), conversations=conversations_text(d),
        failures=f"{d['failed']} of {d['conversations']} conversations failed.", agreement=agreement_text(figures.get("checkpoint")),
        voices=groups_text(d, "voice ", [("WER", "questions", "wer"), ("plain answers exact", "questions", "answers_exact"), ("calls exact", "questions", "calls_exact"),
                                         ("random words' WER", "questions", "wer_random"), ("WER by telephone", "telephone", "wer")]),
        tasks=groups_text(d, "intent ", [("WER", "questions", "wer"), ("plain answers exact", "questions", "answers_exact"), ("calls exact", "questions", "calls_exact"),
                                         ("answers after the tool", "questions", "answers_after_tool_exact"), ("refused", "questions", "random_refused")]),
        speech=speech_text(d, figures.get("checkpoint")), detokenizer=detokenizer_text(figures.get("detokenizer")),
        listening=listening_text(figures.get("listening")), styles=styles_text(figures.get("instructed")),
        robustness=robustness_text(figures.get("robustness")), text_questions=text_questions_text(figures.get("text_questions")), cocktail=cocktail_text(figures.get("cocktail")),
        reference=reference_text(figures.get("reference"), figures.get("parity")), examples=examples_text(figures["examples"], "../../samples/answers")))


def wrapped(text: str) -> str:
    """Prose in lines of at most 160 columns; tables stay as they are."""
    return "\n".join(line if line.startswith("|") else textwrap.fill(line, 160, break_long_words=False, break_on_hyphens=False) for line in text.split("\n"))


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("checkpoint", type=Path)
    arguments.add_argument("bundle", type=Path)
    arguments.add_argument("--figures", type=Path, default=RUNS / "figures")
    arguments.add_argument("--joint", type=Path, default=RUNS / "nano" / "joint", help="folder of the joint training, with its log")
    arguments.add_argument("--manifest", type=Path, default=RUNS / "evaluation" / "MANIFEST.jsonl")
    arguments.add_argument("--examples", type=Path, help="folder for a few questions and answers to listen to")
    options = arguments.parse_args()
    figures = {"sizes": sizes(options.checkpoint, options.bundle), "training": training(options.joint), "examples": []}
    report = options.figures / "parity.txt"
    if report.exists():
        (options.figures / FILES["parity"]).write_text(json.dumps(parity_figures(report.read_text())) + "\n")
    figures |= {name: json.loads((options.figures / file).read_text()) for name, file in FILES.items() if (options.figures / file).exists()}
    if options.examples:
        figures["examples"] = examples(options.figures / "dataflow", manifest.read(options.manifest), 4, options.examples)
    (options.bundle / "figures.json").write_text(json.dumps(figures, indent=1) + "\n")
    (options.bundle / "README.md").write_text(card(figures))
    print(f"{options.bundle / 'README.md'}: not measured: {sorted(set(FILES) - set(figures)) or 'nothing'}")


if __name__ == "__main__":
    main()
