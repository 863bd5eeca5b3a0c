"""Word errors and the trigram's arithmetic."""
import math

from antiphon.speech.recognition import word_error_rate, write_trigram


def test_word_error_rate_counts_substitutions_insertions_deletions():
    assert word_error_rate(["Seven plus five is twelve."], ["seven plus five is twelve"]) == 0.0
    assert word_error_rate(["one two three four"], ["one too four four five"]) == 3 / 4


def test_trigram_probabilities_of_a_context_sum_to_one(tmp_path):
    words = write_trigram(["one two three", "one two four", "two one"], tmp_path / "x.arpa")
    assert words == {"one", "two", "three", "four"}
    grams: dict[tuple, tuple[float, float]] = {}
    for line in (tmp_path / "x.arpa").read_text().splitlines():
        fields = line.split()
        if fields and fields[0].startswith("-") or fields[:1] == ["0.00000"]:
            numbers = [float(fields[0])]
            rest = fields[1:]
            weight = 0.0
            if rest and rest[-1].lstrip("-").replace(".", "").isdigit():
                weight = float(rest[-1])
                rest = rest[:-1]
            grams[tuple(rest)] = (numbers[0], weight)
    followers = [*words, "</s>"]
    total = sum(10 ** grams[("one", w)][0] if ("one", w) in grams else 10 ** (grams[("one",)][1] + grams[(w,)][0]) for w in followers)
    assert math.isclose(total, 1.0, abs_tol=0.01)
