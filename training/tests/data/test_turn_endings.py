from antiphon.data.turn_endings import turn_endings


def test_the_share_of_questions_that_ended_there():
    table = turn_endings(["what is the capital of cuba"] * 50 + ["what is the capital of spain"] * 50)
    assert table["of"] < 0.05 and table["cuba"] > 0.9
    assert "capital of cuba" not in table, "it says nothing that 'cuba' does not say"


def test_more_words_count_where_they_say_more():
    table = turn_endings(["turn on the light"] * 30 + ["the light is on"] * 30)
    assert table["on"] < 0.7
    assert table["is on"] > table["on"] + 0.2
    assert table["turn on"] < table["on"] - 0.2
