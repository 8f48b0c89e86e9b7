"""Three hundred pages about nothing, with ten facts in them, and questions in other words.

The filler speaks of the same things as the facts (pumps, ferries, deposits), so that a single
shared word finds nothing.
"""

import random
from dataclasses import dataclass

PAGES = 300

_WHO = (
    "the harbour office", "a clerk from the annex", "the committee", "the tenant of the mill",
    "one of the surveyors", "the council", "the keeper", "a visitor", "the choir", "the staff",
    "the porter", "an engineer", "the department of roads", "the treasurer", "the gardener",
)  # fmt: skip
_DID = (
    "reported on", "asked about", "repaired", "measured", "described", "postponed", "inspected",
    "wrote down", "argued over", "counted", "praised", "voted on", "painted", "kept", "moved",
    "found", "paid for", "stored",
)  # fmt: skip
_WHAT = (
    "the pump in the cellar", "the reservoir behind the hill", "the generator", "the lighthouse",
    "the archive", "the deposit of the shop", "the ferry", "the map of the valley", "the chapel",
    "the wall of the garden", "the granary", "the roof", "the tank", "the vaccine of last year",
    "the chimneys", "the northern road", "the telephones", "the spring festival", "the snow fence",
    "the rent", "the new bridge", "the colour of the doors", "the lichen on the stones",
)  # fmt: skip
_HOW = (
    "without much result", "on a Monday", "after rain", "for the third time", "in autumn",
    "at the usual cost", "with great care", "until Thursday", "before the holidays",
    "as the rules demand", "in the presence of guests", "during the night", "free of charge",
    "because nobody else had time", "at a temperature nobody liked", "for several hours",
)  # fmt: skip
_ALSO = (
    "The minutes were approved.", "Nothing else was decided.", "A copy went to the annex.",
    "This was not the first complaint of its kind.", "The weather had been fair that week.",
    "Further details follow in a later chapter.", "Nobody objected.",
    "Several figures in the table had to be corrected by hand.",
)  # fmt: skip


@dataclass(frozen=True)
class Planted:
    """A fact, and a question about it in other words."""

    fact: str
    question: str
    page: int
    """From 1."""


FACTS = (
    Planted(
        "The replacement pump for the northern reservoir was delivered by Halvorsen and Sons on"
        " 14 March at a price of 48,200 crowns.",
        "Which company supplied the reservoir in the north with its new pump, and how expensive"
        " was the delivery?",
        17,
    ),
    Planted(
        "Amara Okonkwo discovered that the lichens on the eastern wall glow faintly after every"
        " shower because a bacterium lives in them.",
        "Who found out why the lichen is glowing when it gets wet?",
        43,
    ),
    Planted(
        "Whoever enters archive room seven leaves mobile telephones with the porter at the lodge.",
        "What must happen to a mobile phone before somebody goes into the room of the archives?",
        68,
    ),
    Planted(
        "With a full tank of diesel the emergency generator runs for thirty-one hours.",
        "How long can the generator keep running in an emergency until the diesel is used up?",
        99,
    ),
    Planted(
        "Under clause forty-two a tenant forfeits the deposit unless the chimneys are swept"
        " every autumn.",
        "Why would tenants lose their deposits: what does the clause say about sweeping?",
        121,
    ),
    Planted(
        "By eleven votes to four the committee rejected the proposal to paint the lighthouse"
        " green.",
        "What was the result when members voted about a green lighthouse?",
        158,
    ),
    Planted(
        "Batch K-7731 of the vaccine keeps only at minus seventy degrees.",
        "How cold does K-7731 have to be stored?",
        190,
    ),
    Planted(
        "The cartographer marked a hidden spring beneath the third oak west of the chapel.",
        "Where did the map maker (the cartographer) mark that water springs up, hidden by a tree?",
        222,
    ),
    Planted(
        "Children of employees cross on the ferry without a ticket from Monday to Thursday.",
        "On which days does an employee's child need no ticket on the ferries?",
        251,
    ),
    Planted(
        "Since the roof of the hall collapsed under the snow, the choir rehearses in the granary.",
        "Why are choir rehearsals in the granary and no longer in the hall?",
        287,
    ),
)


def pages(seed: int = 6) -> list[list[str]]:
    """The paragraphs of each page, the facts in the middle of other sentences."""
    dice = random.Random(seed)
    planted = {fact.page: fact.fact for fact in FACTS}
    book: list[list[str]] = []
    for number in range(1, PAGES + 1):
        paragraphs = [_paragraph(dice) for _ in range(5)]
        if number in planted:
            at = dice.randrange(5)
            sentences = paragraphs[at].split(". ")
            sentences.insert(len(sentences) // 2, planted[number].rstrip("."))
            paragraphs[at] = ". ".join(sentences)
        book.append(paragraphs)
    return book


def _paragraph(dice: random.Random) -> str:
    sentences = []
    for _ in range(4):
        who = dice.choice(_WHO)
        told = f"{who} {dice.choice(_DID)} {dice.choice(_WHAT)} {dice.choice(_HOW)}"
        sentences.append(f"{told[0].upper()}{told[1:]}.")
        if dice.random() < 0.4:
            sentences.append(dice.choice(_ALSO))
    return " ".join(sentences)
