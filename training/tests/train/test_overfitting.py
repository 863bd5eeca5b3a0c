"""Training and decoding agree: a tiny model that has learnt two answers by heart speaks exactly them."""
import random
from dataclasses import replace

import numpy as np
import torch

from antiphon.model import DialogueModel
from antiphon.model.configuration import SpecialTokens, toy
from antiphon.model.generation import generate, speech_codes
from antiphon.train.losses import StyleProbe, batch_loss
from antiphon.train.optimisation import Optimisers
from antiphon.train.sequences import IGNORE, Sample

SPECIAL = SpecialTokens(pad=0, end=1, audio=2, audio_bos=3, audio_eos=4, sil=5)
PREFIX = [10, 11, 12, 13]


def samples():
    """Two jointly spoken answers and one written, in Sequences' form (built by hand: no tokenizer needed)."""
    from antiphon.train.sequences import Sequences

    class Words:
        special = SPECIAL

    sequences = Sequences(Words())
    generator = np.random.default_rng(0)
    result = []
    for question, answer in (([20, 21], [30, 31, 32]), ([22, 23, 24], [33, 34])):
        sample = Sample("speech")
        sample.given(question)
        result.append(sequences.speak(sample, answer, generator.integers(0, 6561, 15)))
    written = Sample("speech")
    written.given([25, 26])
    written.answered([40, 41, SPECIAL.end])
    return result + [written.finish()]


def test_learnt_answers_are_spoken_again():
    torch.manual_seed(0)
    model = DialogueModel(toy(SPECIAL, 60), factored=True).train()
    batch = samples()
    optimisers = Optimisers([(n, p) for n, p in model.named_parameters() if "continuous" not in n], 1e-2, 5e-3)
    for step in range(160):
        loss = batch_loss(model, batch, PREFIX, whole_prompt=step % 2 == 0, dropped=0.0)
        (loss.text / loss.text_count + loss.speech / loss.speech_count).backward()
        optimisers.step(min(1.0, (160 - step) / 60))
    model.eval()
    prompts = [torch.tensor(PREFIX + question) for question in ([20, 21], [22, 23, 24], [25, 26])]
    answers = generate(model, prompts, limit=20)
    assert answers[0].text == [3, 30, 31, 32, 5, 5, 4, 1]
    assert answers[1].text == [3, 33, 34, 5, 5, 5, 4, 1]
    assert answers[2].text == [40, 41, 1] and answers[2].speech == []
    for sample, answer in zip(batch, answers):
        assert answer.speech == sample.speech.reshape(-1).tolist()
        assert speech_codes(answer, model) == sample.speech[2:-1].reshape(-1).tolist()
        if sample is batch[1]:
            break


def test_the_llm_learns_to_tell_the_style_before_it_speaks():
    torch.manual_seed(0)
    model = DialogueModel(toy(SPECIAL, 60), factored=True).train()
    probe = StyleProbe(64)
    batch = [replace(sample, style=style) for sample, style in zip(samples(), ("whisper", "slower+louder", ""))]
    optimisers = Optimisers([*model.named_parameters(), *(("embed_tokens." + n, p) for n, p in probe.named_parameters())], 1e-2, 5e-3)
    losses = []
    for _ in range(40):
        loss = batch_loss(model, batch, PREFIX, dropped=0.0, style_probe=probe)
        (loss.style / loss.style_count).backward()
        losses.append(loss.style.item() / loss.style_count)
        optimisers.step(1.0)
    assert loss.style_count == 2 * StyleProbe.POSITIONS and losses[-1] < 0.1 < losses[0]
    assert batch_loss(model, samples(), PREFIX, dropped=0.0, style_probe=probe).style is None
    assert batch_loss(model, batch, PREFIX, dropped=0.0).style is None


def test_the_shared_system_prompt_equals_a_repeated_one():
    torch.manual_seed(0)
    model = DialogueModel(toy(SPECIAL, 60)).eval()
    batch = samples()
    shared = batch_loss(model, batch, PREFIX, whole_prompt=True, dropped=0.0, dtype=torch.float32)
    whole = []
    for sample in batch:
        start = sample.speech_start + 2 if sample.speech is not None else -1
        whole.append(Sample("speech", PREFIX[2:] + sample.ids, [IGNORE] * 2 + sample.targets, [], start, sample.speech))
    repeated = batch_loss(model, whole, PREFIX[:2], whole_prompt=True, dropped=0.0, dtype=torch.float32)
    assert torch.allclose(shared.text, repeated.text, rtol=1e-5)
    assert torch.allclose(shared.speech, repeated.speech, rtol=1e-5)
    assert shared.speech_count == repeated.speech_count


def test_a_system_message_of_its_own_equals_the_shared_one():
    torch.manual_seed(0)
    model, batch = DialogueModel(toy(SPECIAL, 60)).eval(), samples()
    for whole_prompt in (True, False):
        losses = []
        for own in ((), tuple(PREFIX)):
            random.seed(1)  # how much of the prompt the head sees is drawn
            losses.append(batch_loss(model, [replace(sample, system=own) for sample in batch], PREFIX, whole_prompt=whole_prompt, dropped=0.0,
                                     dtype=torch.float32, by_row=True))
        shared, own = losses
        for name in ("text", "speech", "text_rows", "speech_rows"):
            torch.testing.assert_close(getattr(own, name), getattr(shared, name), rtol=1e-5, atol=1e-4)
        assert (own.text_count, own.speech_count) == (shared.text_count, shared.speech_count)
        torch.testing.assert_close(own.text_rows.sum(), own.text)
        torch.testing.assert_close(own.speech_rows.sum(), own.speech)
        assert own.speech_rows[2] == 0 and (own.speech_rows[:2] > 0).all()


def test_samples_under_different_system_messages_share_a_batch():
    torch.manual_seed(0)
    model, batch = DialogueModel(toy(SPECIAL, 60)).eval(), samples()
    messages = [(10, 11), (12,), ()]
    together = batch_loss(model, [replace(sample, system=system) for sample, system in zip(batch, messages)], PREFIX, whole_prompt=True,
                          dropped=0.0, dtype=torch.float32, by_row=True)
    for row, (sample, system) in enumerate(zip(batch, messages)):
        alone = batch_loss(model, [sample], list(system) or PREFIX, whole_prompt=True, dropped=0.0, dtype=torch.float32, by_row=True)
        torch.testing.assert_close(together.text_rows[row], alone.text_rows[0], rtol=1e-5, atol=1e-4)
        if sample.speech is not None:
            torch.testing.assert_close(together.speech_rows[row], alone.speech_rows[0], rtol=1e-5, atol=1e-4)


def test_speech_longer_than_its_text_is_needed():
    sample = Sample("speech")
    sample.given([20])
    from antiphon.train.sequences import Sequences

    class Words:
        special = SPECIAL

    assert Sequences(Words()).speak(sample, list(range(30, 39)), np.zeros(5, int)) is None
