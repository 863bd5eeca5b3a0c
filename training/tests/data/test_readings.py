from antiphon.data import dialogues, readings
from antiphon.data.domain import load_domain


def test_answers_are_new_distinct_and_of_the_training_split():
    known = {text for text, _ in dialogues.spoken_answers(dialogues.build("train", 300, seed=3))}
    found = readings.answers(known, 400, seed=5)
    assert len(found) == len(set(found)) == 400
    assert not known & set(found)
    builder = dialogues.DialogueBuilder(load_domain(), "test", 1)
    held_out = {builder.question("meter")[-1]["assistant"] for _ in range(400)}
    assert not held_out & set(found)


def test_strings_have_every_word_and_slot_value():
    domain = load_domain()
    text = " ".join(readings.strings(800, seed=5)).lower()
    missing = [value.spoken for values in domain.slots.values() for value in values if value.spoken not in text]
    assert not missing
    assert readings.strings(800, seed=5) == readings.strings(800, seed=5)
