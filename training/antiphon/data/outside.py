"""Sentences that mean something, but nothing that the domain knows: what a caller might ask a stranger."""

SENTENCES = (
    "can you recommend a good restaurant", "how do i bake bread at home", "who won the football match last night",
    "the train was late because of the snow", "where can i buy a new pair of shoes", "my daughter plays the violin",
    "how tall is the highest mountain", "what do you think about the election", "please read me a story about a dragon",
    "is it going to rain this afternoon", "i forgot the password of my computer", "how long does a flight to boston take",
    "which bus goes to the museum", "the soup needs more salt and pepper", "when did the second world war end",
    "my neighbour has painted his fence", "could you sing a song for me", "how many calories are in an apple pie",
    "i would like two tickets for the theatre", "what causes the northern lights", "who wrote romeo and juliet",
    "the doctor told me to drink more water", "can a penguin fly", "how do i change a flat tyre",
    "what language do they speak over there", "we went swimming in the lake", "how much does a stamp cost",
    "tell me a joke about lawyers", "do you like classical music", "the children are building a castle of sand",
    "what is the meaning of life", "how old is the universe", "where did you learn to talk like that",
    "i need a recipe for pancakes", "the cinema is closed because of repairs", "how do bees make honey",
    "should i invest in gold", "what size are your feet", "my grandmother was born in a village",
    "how can i lose some weight",
)
