"""Words that make a question one and say nothing of what it is about; English first. Folded."""

_ENGLISH = """
a about after all also am an and any are as at be been before being between both but by can could
did do does doing done each for from get give given had has have having he her here hers him his
how i if in into is it its itself just me more most much many my no nor not of off on once only or
other our out over own please same say says she should so some such tell than that the their them
then there these they this those through to too under until up upon us very was we were what when
where which while who whom whose why will with would you your explain describe list according
document file text
"""
_GERMAN = """
aber als am an auch auf aus bei bin bis das dass dem den der des die du durch ein eine einem einen
einer eines er es fur hat ich ihr im in ist kann mit nach nicht noch oder sein sich sie sind und
vom von vor war waren was welche welcher welches wenn wer werden wie wird wo zu zum zur warum wann
wurde wurden
"""
_FRENCH = """
au aux avec ce ces cette dans de des du elle en est et il ils la le les leur mais ne nous ou par
pas pour quand que quel quelle quels quelles qui sa ses son sur un une vous comment
"""
_SPANISH = """
como con cual cuando cuanto del donde el ella es esta este fue ha las lo los para pero por que
quien se sin su una y
"""

EMPTY_WORDS = frozenset(" ".join((_ENGLISH, _GERMAN, _FRENCH, _SPANISH)).split())
