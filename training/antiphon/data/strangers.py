"""Sentences of other domains for training, to be refused. Evaluation has its own in `outside`, none of which can be drawn here."""

import re

from antiphon.data import outside

_SLOTS = {
    "relative": "brother|sister|uncle|aunt|cousin|mother|father|husband|wife|son|nephew|boss|teacher|friend|landlord|colleague".split("|"),
    "animal": "horse|rabbit|parrot|snake|spider|elephant|monkey|sheep|goat|dolphin|turtle|eagle|mouse|tiger|fox|butterfly".split("|"),
    "food": "pizza|rice|cheese|salad|sandwich|noodles|mushrooms|ice cream|strawberries|fish and chips|curry|omelette|pasta|honey|jam|"
            "mustard|coffee|tea|lemonade|biscuits".split("|"),
    "thing": "bicycle|guitar|umbrella|sofa|mirror|hammer|ladder|camera|suitcase|blanket|candle|jacket|hat|watch|ring|drawer|carpet|pillow|"
             "bottle|basket|laptop|printer|washing machine|vacuum cleaner|tent|boat|wallet|envelope|newspaper".split("|"),
    "place": "airport|beach|library|hospital|school|supermarket|swimming pool|forest|island|village hall|zoo|harbour|stadium|church|bakery|"
             "hotel|chemist|post office|bridge|lighthouse".split("|"),
    "person": "napoleon|mozart|einstein|cleopatra|newton|picasso|beethoven|churchill|darwin|columbus|galileo|the queen|the pope|"
              "the president|the prime minister|the mayor".split("|"),
    "subject": "history|chemistry|gardening|painting|politics|poetry|astronomy|philosophy|football|tennis|cricket|chess|yoga|jazz|dancing|"
               "photography|geography|economics|fashion|cooking".split("|"),
    "verb": "clean|repair|sell|carry|draw|build|paint|throw away|hide|borrow|wrap|polish|move|measure|decorate|describe".split("|"),
    "did": "bought|lost|found|broke|forgot|painted|cleaned|sold|hid|borrowed|dropped|repaired|admired|wanted".split("|"),
    "when": "yesterday|last week|this morning|tonight|tomorrow|last summer|every evening|next year|at the weekend|in winter".split("|"),
    "weather": "rain|snow|wind|fog|storm|sunshine|frost|thunder|hail|heat".split("|"),
    "quality": "expensive|beautiful|dangerous|boring|funny|broken|delicious|strange|famous|comfortable|ugly|popular|noisy|lazy|clever".split("|"),
}

_TEMPLATES = (
    "how do i {verb} a {thing}", "where did i put my {thing}", "my {relative} {did} a {thing} {when}", "what does a {animal} eat",
    "how long does a {animal} live", "can a {animal} climb a tree", "the {food} at the {place} was {quality}", "who was {person}",
    "where was {person} born", "when did {person} die", "what did {person} say about {subject}", "i am reading a book about {subject}",
    "do you know anything about {subject}", "can you teach me {subject}", "is the {place} open {when}", "how far is it to the {place}",
    "we walked to the {place} {when}", "how do i get to the {place}", "will there be {weather} {when}", "there was a lot of {weather} {when}",
    "i do not like the {weather}", "how much does a {thing} cost", "how heavy is a {thing}", "my {thing} is {quality}",
    "why is {subject} so {quality}", "my {relative} is very {quality}", "my {relative} works at the {place}",
    "please tell my {relative} about the {thing}", "have you ever seen a {animal}", "i am allergic to {food}", "how do you make {food}",
    "what goes well with {food}", "i would like some {food} and {food}", "could you order {food} for my {relative}",
    "is {food} good for my {animal}", "my {animal} is ill", "the {animal} ran away from the {place}", "what is the best {thing} to buy",
    "write a poem about a {animal}", "tell me a story about {person}", "sing me something about the {weather}", "why is the {place} {quality}",
    "should i buy a {thing} or a {thing}", "how many people live near the {place}", "what is the longest river in the world",
    "how many planets are there", "what time does the film start", "who invented the {thing}", "what is a {thing} made of",
    "let us talk about {subject}", "i feel {quality} {when}", "it is too {quality} for me", "are you {quality}", "are you married",
    "do you have a {relative}", "did my {relative} call you {when}", "i had a dream about a {animal}", "what happened {when} at the {place}",
    "give me some advice about {subject}", "what is your favourite {food}", "play some music please", "open the window please",
    "can you translate this letter", "what year is it", "how deep is the ocean", "why do people like {subject}",
    "who won the {subject} competition {when}", "i need a new {thing} for my {relative}", "what is the price of the {thing}",
    # Beginnings that the domain knows, with what it does not.
    "what is the capital of the {place}", "what is the opposite of {food}", "what is the opposite of a {thing}", "what colour is my {thing}",
    "what colour is {person}", "what does a {thing} do", "what sound does {person} make", "please block my {relative}",
    "turn on the {food}", "turn off the {weather}", "switch on my {relative}", "connect me to my {relative}", "put me through to {person}",
    "what is the balance of my {thing}", "when is my {thing} due", "book a table at the {place}", "book a flight {when}",
    "transfer my {relative} to the {place}", "send a {thing} to my {relative}", "wake my {relative} {when}", "i have lost my {thing}",
    "my {thing} was stolen", "i want to report a {thing}", "tell me the colour of {subject}", "how much is a {thing}",
    "how many days are in the {place}", "what comes after {subject}", "what day is it {when}", "set the {thing} on the {thing}",
)
_SLOT = re.compile(r"\{(\w+)\}")


def sentence(generator):
    """A sentence drawn by `generator` (random.Random), lower case."""
    while True:
        text = _SLOT.sub(lambda match: generator.choice(_SLOTS[match.group(1)]), generator.choice(_TEMPLATES))
        text = re.sub(r"\ba (?=[aeiou])", "an ", text)
        if text not in outside.SENTENCES:
            return text
