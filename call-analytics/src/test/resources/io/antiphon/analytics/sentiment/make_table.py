"""Writes sentences.tsv: sentences with the scores of vaderSentiment 3.3.2 (neg, neu, pos, compound).

Run: pip install vaderSentiment==3.3.2 && python make_table.py > sentences.tsv
"""
import random

from vaderSentiment.vaderSentiment import BOOSTER_DICT, NEGATE, SPECIAL_CASES, SentimentIntensityAnalyzer

WRITTEN = """VADER is smart, handsome, and funny.
VADER is VERY SMART, uber handsome, and FRIGGIN FUNNY!!!
VADER is not smart, handsome, nor funny.
At least it isn't a horrible book.
The book was only kind of good.
The plot was good, but the characters are uncompelling and the dialog is not great.
Today SUX!
Today only kinda sux! But I'll get by, lol
Make sure you :) or :D today!
Not bad at all
I am really not happy with your service and I want to cancel
thank you so much that was very kind of you
no problem at all
there is no good reason for this
it was never so bad
without doubt a great offer
this is the worst thing but you helped me well but not enough
very least helpful
the least helpful
yeah right that is great
why why why??
what is this???? terrible!!!!!!
no or little help
sort of good
to die for

ok
i have been waiting for half an hour and nobody helps me""".split("\n")
PLAIN = "the a my bill card is was it and or at least very internet with this so agent you they call but no nor of kind".split()

analyzer = SentimentIntensityAnalyzer()
generator = random.Random(19)
lexicon = sorted(analyzer.lexicon)
pools = [PLAIN, PLAIN, lexicon, sorted(BOOSTER_DICT), sorted(NEGATE), sorted(SPECIAL_CASES)]
sentences = list(WRITTEN)
while len(sentences) < 700:
    words = [generator.choice(generator.choice(pools)) for _ in range(generator.randint(1, 14))]
    words = [word.upper() if generator.random() < 0.08 else word for word in words]
    words = [word + "," if generator.random() < 0.06 else word for word in words]
    sentences.append(" ".join(words) + generator.choice(["", "", ".", "!", "!!", "?", "???", "?????", "!!!!!"]))
for sentence in sentences:
    scores = analyzer.polarity_scores(sentence)
    print(sentence, scores["neg"], scores["neu"], scores["pos"], scores["compound"], sep="\t")
