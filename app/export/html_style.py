"""The style sheet of exported pages, and the policy that allows it and nothing else."""

import base64
import hashlib

from app.export.html_code import CODE_CLASSES
from app.export.html_formulas import MOST_STEPS, STEPS_PER_EM

LIGHT = {
    "page": "#fdfcfa",
    "raised": "#f4f2ed",
    "border": "#dcd8ce",
    "text": "#1f1e1b",
    "muted": "#625f57",
    "accent_text": "#1a6452",
    "selection": "#cfe6dd",
    "bad": "#b3261e",
    "code_keyword": "#7a3e9d",
    "code_string": "#2f6b2f",
    "code_comment": "#6a675f",
    "code_number": "#9a4a00",
    "code_name": "#1b5a94",
}
"""Colours of the window's palette, by its names; a test compares them."""

DARK = {
    "page": "#1d1e1c",
    "raised": "#272825",
    "border": "#3a3c38",
    "text": "#ecebe6",
    "muted": "#b0aea6",
    "accent_text": "#6fcdb3",
    "selection": "#27524a",
    "bad": "#f2867c",
    "code_keyword": "#c89be6",
    "code_string": "#9ccc8f",
    "code_comment": "#9a988f",
    "code_number": "#e5a66b",
    "code_name": "#86b8ea",
}

_RULES = """
*{box-sizing:border-box}
html{color-scheme:light dark;background:var(--page);color:var(--text);
font:16px/1.6 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;
-webkit-text-size-adjust:100%;text-size-adjust:100%}
::selection{background:var(--selection)}
body{max-width:48rem;margin:0 auto;padding:2rem 1.25rem 4rem;overflow-wrap:break-word}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 .25rem}
h2{font-size:.95rem;line-height:1.4;margin:0 0 .5rem}
.text h3{font-size:1.35rem}.text h4{font-size:1.2rem}.text h5{font-size:1.08rem}
.text h6{font-size:1rem}
.text h3,.text h4,.text h5,.text h6{line-height:1.3;margin:1.5rem 0 .5rem}
h1,h2,h3,h4,h5,h6,p,li,td,th,summary{unicode-bidi:plaintext}
p{margin:.75rem 0}
.text>:first-child{margin-top:0}.text>:last-child{margin-bottom:0}
a{color:var(--accent_text);text-underline-offset:.15em}
.meta,.note,.file,nav,details>summary,.origin{color:var(--muted);font-size:.85rem}
.meta{margin:0 0 1.5rem}
h2 .meta{font-weight:400;margin-left:.5em}
article{margin:2rem 0}
article.user>.text,article.system>.text{background:var(--raised);border:1px solid var(--border);
border-radius:12px;padding:.75rem 1rem}
.note{margin:.75rem 0 0}
nav{margin:1.5rem 0;border:1px solid var(--border);border-radius:12px;padding:.6rem 1rem}
nav ol{margin:.5rem 0 .25rem;padding-left:2.2em}
details{margin:.75rem 0}
summary{cursor:pointer}
.reasoning>.text{border-left:3px solid var(--border);padding-left:1rem;margin-top:.5rem;
color:var(--muted)}
section{border-top:1px solid var(--border);margin-top:3rem;padding-top:1rem}
section>h2{font-size:1.2rem}
.origin,.fork{margin:.5rem 0}
.fork{font-size:.85rem}
code,pre,kbd{font-family:ui-monospace,"Cascadia Mono","SF Mono",Menlo,Consolas,
"DejaVu Sans Mono",monospace;font-size:.875em;font-variant-ligatures:none}
code{background:var(--raised);border-radius:4px;padding:.1em .3em;unicode-bidi:isolate;
overflow-wrap:anywhere;white-space:pre-wrap}
article.user>.text :not(pre)>code,article.system>.text :not(pre)>code{background:var(--page)}
pre{background:var(--raised);border:1px solid var(--border);border-radius:8px;
padding:.75rem 1rem;margin:.75rem 0;overflow-x:auto;line-height:1.5;tab-size:4;text-align:left}
article.user>.text pre,article.system>.text pre{background:var(--page)}
pre code,article pre code{background:none;padding:0;border-radius:0;font-size:1em;
white-space:pre;overflow-wrap:normal}
pre[data-language]::before{content:attr(data-language);display:block;color:var(--muted);
font:.8rem/1 system-ui,sans-serif;margin-bottom:.6rem}
.plain{white-space:pre-wrap;overflow-wrap:anywhere;unicode-bidi:plaintext;text-align:start}
.file pre{max-height:60vh;overflow:auto;color:var(--text);font-size:.875rem}
code .u::before{content:attr(data-u);font-size:.75em;color:var(--bad);border:1px solid;
border-radius:3px;padding:0 .2em}
.w{overflow-x:auto;margin:.75rem 0}
table{border-collapse:collapse}
th,td{border:1px solid var(--border);padding:.35rem .7rem;vertical-align:top;text-align:start}
th{background:var(--raised)}
.l{text-align:left}.m{text-align:center}.r{text-align:right}
blockquote{margin:.75rem 0;padding-inline-start:1rem;border-inline-start:3px solid var(--border);
color:var(--muted)}
ul,ol{margin:.75rem 0;padding-inline-start:1.75em}
li{margin:.25rem 0}li>ul,li>ol{margin:.25rem 0}
.box{margin-inline-start:-1.35em;display:inline-block;width:1.15em}
li:has(>.box),li:has(>p:first-child>.box){list-style:none}
hr{border:0;border-top:1px solid var(--border);margin:1.5rem 0}
sup{line-height:0}sup a,.fn a[href^="#"]{text-decoration:none}
.fn{display:grid;grid-template-columns:auto 1fr;gap:.6em;color:var(--muted);font-size:.875rem;
margin:.5rem 0}
.fn p{margin:.25rem 0}.fn>*>:first-child{margin-top:0}
figure{margin:.75rem 0}figure img{max-width:100%;max-height:80vh;height:auto;border-radius:8px}
.x{position:relative}
svg{overflow:visible}
div.x{overflow-x:auto;overflow-y:hidden;text-align:center;margin:1rem 0;padding:.25rem 0}
div.x svg{display:block;margin:0 auto}
.t{position:absolute;left:0;top:0;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);
white-space:pre}
"""

_PRINT = """
@page{margin:18mm 16mm}
html{font-size:10.5pt;background:none;color-scheme:light}
body{max-width:none;padding:0}
h1,h2,h3,h4,h5,h6,summary,.note:has(+pre){break-after:avoid}
p,li{orphans:3;widows:3}
tr,figure,svg,.x{break-inside:avoid}
thead{display:table-header-group}
pre,pre code,article pre code{white-space:pre-wrap;overflow-wrap:anywhere}
pre,.w,div.x{overflow:visible}
.file pre{max-height:none}
th,td{overflow-wrap:anywhere}
pre,blockquote,.text{-webkit-box-decoration-break:clone;box-decoration-break:clone}
pre[data-language]::before{break-after:avoid}
svg{max-width:100%;height:auto}
details::details-content{content-visibility:visible;block-size:auto}
details>summary{list-style:none}
nav{display:none}
.text a[href^=http]:not(.auto)::after{content:" (" attr(href) ")";font-size:.85em;
color:var(--muted);overflow-wrap:anywhere}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
"""


def style_sheet() -> str:
    """All of it, the same for every page."""
    steps = "".join(
        f".v{step}>svg{{vertical-align:-{step / STEPS_PER_EM:g}em}}\n"
        for step in range(1, MOST_STEPS + 1)
    )
    code = "".join(f"pre .{name}{{color:var(--{color})}}\n" for color, name in CODE_CLASSES.items())
    return (
        f":root{{{_variables(LIGHT)}}}\n"
        f"@media screen and (prefers-color-scheme:dark){{:root{{{_variables(DARK)}}}}}"
        f"{_RULES}{code}{steps}@media print{{{_PRINT}}}\n"
    )


def policy(style: str) -> str:
    """The content security policy of a page whose only style sheet is ``style``."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _variables(colors: dict[str, str]) -> str:
    return "".join(f"--{name}:{value};" for name, value in colors.items())
