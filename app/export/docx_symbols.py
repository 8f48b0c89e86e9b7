"""TeX's names of mathematical characters, and letters in other alphabets."""


def _pairs(text: str) -> dict[str, str]:
    """Names and characters that alternate, between spaces."""
    words = text.split()
    return dict(zip(words[::2], words[1::2], strict=True))


LETTERS = _pairs("""
alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι
kappa κ varkappa ϰ lambda λ mu μ nu ν xi ξ omicron ο pi π varpi ϖ rho ρ varrho ϱ sigma σ
varsigma ς tau τ upsilon υ phi ϕ varphi φ chi χ psi ψ omega ω digamma ϝ
Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω
ell ℓ imath ı jmath ȷ
""")

ORDINARY = _pairs("""
infty ∞ partial ∂ nabla ∇ hbar ℏ hslash ℏ Re ℜ Im ℑ aleph ℵ beth ℶ gimel ℷ wp ℘ emptyset ∅
varnothing ∅ forall ∀ exists ∃ nexists ∄ neg ¬ lnot ¬ top ⊤ bot ⊥ angle ∠ measuredangle ∡ triangle △
square □ Box □ blacksquare ■ qed ∎ diamond ⋄ Diamond ◊ prime ′ backprime ‵ ldots … dots … dotsc …
cdots ⋯ dotsb ⋯ vdots ⋮ ddots ⋱ surd √ flat ♭ natural ♮ sharp ♯ clubsuit ♣ diamondsuit ♢
heartsuit ♡ spadesuit ♠ checkmark ✓ dagger † ddagger ‡ S § P ¶ pounds £ euro € degree ° eth ð
complement ∁ mho ℧ lozenge ◊ bigstar ★ AA Å vert | Vert ‖ | ‖ % % $ $ # # & & _ _ colon :
""")

BINARY = _pairs("""
pm ± mp ∓ times × div ÷ cdot ⋅ ast ∗ star ⋆ circ ∘ bullet ∙ cap ∩ cup ∪ uplus ⊎ sqcap ⊓ sqcup ⊔
vee ∨ lor ∨ wedge ∧ land ∧ setminus ∖ smallsetminus ∖ wr ≀ oplus ⊕ ominus ⊖ otimes ⊗ oslash ⊘
odot ⊙ amalg ⨿ ltimes ⋉ rtimes ⋊ bigcirc ◯ triangleleft ◁ triangleright ▷ boxplus ⊞ boxtimes ⊠
""")

RELATIONS = _pairs("""
le ≤ leq ≤ leqslant ⩽ ge ≥ geq ≥ geqslant ⩾ ne ≠ neq ≠ ll ≪ gg ≫ equiv ≡ sim ∼ simeq ≃ approx ≈
cong ≅ propto ∝ varpropto ∝ doteq ≐ asymp ≍ prec ≺ preceq ⪯ succ ≻ succeq ⪰ subset ⊂ subseteq ⊆
subsetneq ⊊ supset ⊃ supseteq ⊇ supsetneq ⊋ sqsubseteq ⊑ sqsupseteq ⊒ in ∈ notin ∉ ni ∋ vdash ⊢
dashv ⊣ models ⊨ vDash ⊨ Vdash ⊩ mid ∣ nmid ∤ parallel ∥ nparallel ∦ perp ⊥ bowtie ⋈ smile ⌣
frown ⌢ lesssim ≲ gtrsim ≳ triangleq ≜ coloneqq ≔ because ∵ therefore ∴
to → rightarrow → leftarrow ← gets ← leftrightarrow ↔ Rightarrow ⇒ implies ⟹ Leftarrow ⇐
impliedby ⟸ Leftrightarrow ⇔ iff ⟺ longrightarrow ⟶ longleftarrow ⟵ longleftrightarrow ⟷
Longrightarrow ⟹ Longleftarrow ⟸ Longleftrightarrow ⟺ mapsto ↦ longmapsto ⟼ hookrightarrow ↪
hookleftarrow ↩ uparrow ↑ downarrow ↓ updownarrow ↕ Uparrow ⇑ Downarrow ⇓ Updownarrow ⇕
nearrow ↗ searrow ↘ swarrow ↙ nwarrow ↖ rightharpoonup ⇀ rightharpoondown ⇁ leftharpoonup ↼
leftharpoondown ↽ rightleftharpoons ⇌ leftrightharpoons ⇋ rightsquigarrow ⇝ leadsto ⇝
twoheadrightarrow ↠ rightrightarrows ⇉ nrightarrow ↛ nleftarrow ↚ nRightarrow ⇏ lhd ⊲ rhd ⊳
trianglelefteq ⊴ trianglerighteq ⊵ leqq ≦ geqq ≧ nsubseteq ⊈ nless ≮ ngtr ≯ nleq ≰ ngeq ≱
""")

SUMS = _pairs("sum ∑ prod ∏ coprod ∐")
"""Large operators whose limits stand below and above."""

UNIONS = _pairs("""
bigcup ⋃ bigcap ⋂ bigvee ⋁ bigwedge ⋀ bigoplus ⨁ bigotimes ⨂ bigodot ⨀ biguplus ⨄ bigsqcup ⨆
""")
"""The same, as signs: not every program knows them as operators."""

INTEGRALS = _pairs("int ∫ iint ∬ iiint ∭ oint ∮ oiint ∯ oiiint ∰")

DELIMITERS = _pairs("""
( ( ) ) [ [ ] ] | | / / < ⟨ > ⟩ { { } } lbrace { rbrace } lbrack [ rbrack ] langle ⟨ rangle ⟩
lfloor ⌊ rfloor ⌋ lceil ⌈ rceil ⌉ lvert | rvert | vert | lVert ‖ rVert ‖ Vert ‖ backslash \\
ulcorner ⌜ urcorner ⌝ llcorner ⌞ lrcorner ⌟ uparrow ↑ downarrow ↓ updownarrow ↕ Uparrow ⇑
Downarrow ⇓ Updownarrow ⇕ lgroup ⟮ rgroup ⟯
""")
"""By the command's name or the character itself; ``\\|`` is ‖ and stands apart."""
OPENING = frozenset("([{⟨⌊⌈⌜⌞⟮")
CLOSING = frozenset(")]}⟩⌋⌉⌝⌟⟯")

ACCENTS = _pairs("""
hat \u0302 widehat \u0302 tilde \u0303 widetilde \u0303 vec \u20d7 overrightarrow \u20d7
overleftarrow \u20d6 overleftrightarrow \u20e1 dot \u0307 ddot \u0308 dddot \u20db acute \u0301
grave \u0300 breve \u0306 check \u030c widecheck \u030c bar \u0305 mathring \u030a
""")

FUNCTIONS = frozenset(
    (
        "sin", "cos", "tan", "cot", "sec", "csc", "arcsin", "arccos", "arctan", "sinh", "cosh",
        "tanh", "coth", "log", "ln", "lg", "exp", "deg", "dim", "hom", "ker", "arg", "erf",
    )
)  # fmt: skip
LIMITS = frozenset(
    ("lim", "limsup", "liminf", "max", "min", "sup", "inf", "det", "gcd", "Pr", "argmax", "argmin")
)
"""Functions that have what follows below themselves in a displayed formula."""

SPACES = {
    "\\,": "\u2009", "\\thinspace": "\u2009", "\\:": "\u2005", "\\>": "\u2005", "\\;": "\u2004",
    "\\medspace": "\u2005", "\\thickspace": "\u2004", "\\enspace": "\u2002", "\\quad": "\u2003",
    "\\qquad": "\u2003\u2003", "\\ ": "\u00a0", "~": "\u00a0", "\\!": "", "\\negthinspace": "",
    "\\/": "",
}  # fmt: skip
"""By the whole token; what only moves closer is nothing."""

NEGATED = {
    "=": "≠", "∈": "∉", "⊂": "⊄", "⊆": "⊈", "⊃": "⊅", "⊇": "⊉", "∃": "∄", "≡": "≢", "∼": "≁",
    "≈": "≉", "≅": "≇", "<": "≮", ">": "≯", "≤": "≰", "≥": "≱", "∣": "∤", "∥": "∦", "∋": "∌",
    "→": "↛", "⇒": "⇏",
}  # fmt: skip

_EXCEPTIONS = {
    "bb": _pairs("C ℂ H ℍ N ℕ P ℙ Q ℚ R ℝ Z ℤ"),
    "cal": _pairs("B ℬ E ℰ F ℱ H ℋ I ℐ L ℒ M ℳ R ℛ e ℯ g ℊ o ℴ"),
    "frak": _pairs("C ℭ H ℌ I ℑ R ℜ Z ℨ"),
}
_BASES = {"bb": (0x1D538, 0x1D552), "cal": (0x1D49C, 0x1D4B6), "frak": (0x1D504, 0x1D51E)}


def in_alphabet(character: str, alphabet: str) -> str:
    """A letter in "bb", "cal" or "frak"; anything else as it is."""
    exception = _EXCEPTIONS[alphabet].get(character)
    if exception is not None:
        return exception
    upper, lower = _BASES[alphabet]
    if "A" <= character <= "Z":
        return chr(upper + ord(character) - ord("A"))
    if "a" <= character <= "z":
        return chr(lower + ord(character) - ord("a"))
    if alphabet == "bb" and "0" <= character <= "9":
        return chr(0x1D7D8 + ord(character) - ord("0"))
    return character
