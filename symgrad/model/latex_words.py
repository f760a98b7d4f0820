"""The commands of LaTeX that stand in gradients, and what each means."""

from collections.abc import Mapping

from symgrad.model.names import GREEK

_GREEK_NAMES = (
    "alpha beta gamma delta varepsilon zeta eta theta lambda mu xi pi rho sigma tau varphi psi omega "
    "Gamma Delta Theta Lambda Xi Phi Psi Omega"
)
LETTERS: Mapping[str, str] = {
    **dict(zip(_GREEK_NAMES.split(), GREEK, strict=True)),
    "epsilon": "ε",
    "phi": "φ",
    "vartheta": "θ",
    "ell": "l",
}
FUNCTIONS = frozenset({"exp", "log", "ln", "tanh", "sin", "cos", "max", "min", "cosh", "sinh", "tan"})
MARKS: Mapping[str, str] = {
    "cdot": "·",
    "times": "·",
    "ast": "∗",
    "star": "⋆",
    "odot": "*",
    "circ": "*",
    "div": "/",
    "le": "≤",
    "leq": "≤",
    "leqslant": "≤",
    "ge": "≥",
    "geq": "≥",
    "geqslant": "≥",
    "ne": "≠",
    "neq": "≠",
    "lt": "<",
    "gt": ">",
    "partial": "∂",
    "coloneqq": "=",
    "triangleq": "=",
    "equiv": "=",
    "Rightarrow": ";",
    "Longrightarrow": ";",
    "implies": ";",
    "iff": ";",
    "therefore": ";",
    "lfloor": "⌊",
    "rfloor": "⌋",
    "{": "(",
    "}": ")",
    "lbrace": "(",
    "rbrace": ")",
    "lbrack": "[",
    "rbrack": "]",
    "vert": "|",
    "lvert": "|",
    "rvert": "|",
    "|": "||",
    "Vert": "||",
    "lVert": "||",
    "rVert": "||",
}
BARS = frozenset({"|", "Vert", "lVert", "rVert"})
RELATIONS = frozenset({"=", "<", ">", "≤", "≥", "≠"})
SPACES = frozenset(
    [
        *",;:!> ",
        *("nonumber", "notag", "hfill", "allowbreak"),
        *("quad", "qquad", "displaystyle", "textstyle", "limits", "nolimits", "mathstrut", "bf", "rm"),
        *("big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "biggl", "biggr", "Biggl", "Biggr"),
    ]
)
FONTS = frozenset(
    [
        *("mathbf", "boldsymbol", "bm", "mathrm", "text", "textrm", "mathit", "operatorname", "mathsf"),
        *(
            "mbox",
            "mathcal",
            "mathscr",
            "mathbb",
            "mathds",
            "textbf",
            "textit",
            "vec",
            "mathtt",
            "operatorname*",
        ),
    ]
)
ACCENTS: Mapping[str, str] = {
    "hat": "hat",
    "widehat": "hat",
    "bar": "bar",
    "overline": "bar",
    "tilde": "tilde",
    "widetilde": "tilde",
}
ENVIRONMENTS = frozenset(
    base + star
    for base in (
        "align",
        "aligned",
        "alignat",
        "equation",
        "gather",
        "gathered",
        "multline",
        "split",
        "eqnarray",
    )
    for star in ("", "*")
)
DROPPED = frozenset({"label", "tag", "tag*", "color", "vphantom", "hspace", "vspace", "stackrel", "overset"})
"""Commands whose first argument says nothing of the formula."""
WRITTEN = frozenset({"text", "textrm", "textit", "textbf", "mbox"})
FRACTIONS = frozenset({"frac", "dfrac", "tfrac", "cfrac"})
TRANSPOSES = frozenset({"T", r"\top", r"\intercal", "⊤", "ᵀ"})
HINTS: Mapping[str, str] = {
    "begin": "a matrix by its entries is not read; write diag(p) - p p^T, or entries with [i = j]",
    "otimes": r"write \delta x^\top for an outer product, \odot for a product entry by entry",
    "prod": "write the factors out",
    "int": "an integral has no place in a gradient",
    "pm": "write the sign",
    "dots": "write all terms, or a sum",
    "ldots": "write all terms, or a sum",
    "cdots": "write all terms, or a sum",
    "in": r"a sum runs over a letter, as in \sum_{k=1}^{K}",
    "to": "a formula is one expression",
}
