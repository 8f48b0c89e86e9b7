"""Messages that try to load, run, hide or imitate something, with baits that tell."""

from pathlib import Path

CONTROLS = "".join(map(chr, [*range(1, 9), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F, 0x85, 0x9B]))
DIRECTIONS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
BREAKS = "\u2029\ufdd0\ufdd1"

SCHEMES = (
    "file", "ftp", "sftp", "smb", "javascript", "vbscript", "data", "blob", "about", "chrome",
    "ms-settings", "ms-msdt", "search-ms", "steam", "vscode", "tel", "sms", "intent", "view-source",
    "jar", "gopher", "ldap", "ssh", "git", "magnet", "x-apple.systempreferences", "qrc", "moestro",
)  # fmt: skip

LOOKALIKES = {
    "https://xn--pple-43d.com": "https://\u0430pple.com",
    "https://example.com%E2%81%84@evil.example/": "https://example.com\u2044@evil.example/",
    "https://evil.example/": "https://evil.example/",
}
"""How an address that looks like another one must be told, and how it is written."""


def messages(baits: Path, port: int) -> list[str]:
    """The gallery: ``baits`` is watched for openings, ``port`` of this computer for calls."""
    picture = f"file://{baits}/picture.png"
    web = f"http://127.0.0.1:{port}"
    return [
        _html(picture, web, baits),
        _images(picture, web, baits),
        _links(baits, web),
        _code(picture),
        f"Text {CONTROLS} with {DIRECTIONS}safe\u202egnp.exe and {BREAKS}. \x1b[31mred\x1b[0m "
        f"\x1b]8;;{web}/osc\x07link\x1b]8;;\x07 \ufffc\n\n`code \u202ereversed\u202c {CONTROLS}`",
        _tables(picture, web),
        _formulas(picture, web, baits),
    ]


def _html(picture: str, web: str, baits: Path) -> str:
    return f"""<script>fetch("{web}/script")</script>

<img src="{picture}" onerror="alert(1)"> <iframe src="{web}/frame"></iframe>

<style>@import url({web}/style); body {{ background: url("{picture}") }}</style>

<link rel="stylesheet" href="file://{baits}/style.css"><object data="{picture}"></object>

<svg><image href="{picture}"/><use href="{web}/use#x"/></svg> <video src="{web}/v" autoplay></video>

<a href="javascript:alert(1)">click</a> <b onmouseover="alert(1)">bold</b> <!-- hidden -->

<meta http-equiv="refresh" content="0;url={web}/refresh"> <base href="{web}/base">

&lt;img src="{picture}"&gt; &#60;img src=x&#62;
"""


def _images(picture: str, web: str, baits: Path) -> str:
    return f"""![web]({web}/picture.png) ![file]({picture}) ![]({baits}/picture.png)
![unc](//127.0.0.1/share/picture.png) ![unc](\\\\\\\\127.0.0.1\\\\share\\\\picture.png)
![unc](file://127.0.0.1/share/picture.png) ![data](data:image/png;base64,iVBORw0KGgo=)
![svg](data:image/svg+xml,%3Csvg%20xmlns='http://www.w3.org/2000/svg'%3E%3Cimage%20href='{picture}'/%3E%3C/svg%3E)
![ref][one] ![resource](:/qt-project.org/styles/commonstyle/images/file-16.png) ![qrc](qrc:/x.png)

[one]: {picture}
"""


def _links(baits: Path, web: str) -> str:
    lines = [f"- [a {scheme} link]({scheme}:{baits}/page.html)" for scheme in SCHEMES]
    lines += [f"- <{scheme}:{web}/auto>" for scheme in SCHEMES]
    lines += [f"- [looks good]({written})" for written in LOOKALIKES.values()]
    lines += [
        f"- [http://bank.example]({web}/other 'http://bank.example')",
        f"- [relative]({baits}/page.html) [anchor](#top) [up](../../page.html) [query](?x)",
        "- [case](JaVaScRiPt:alert(1)) [space]( javascript:alert(1)) [tab](java&#9;script:a)",
        f"- [entity](&#x6A;avascript:alert(1)) [newline](java%0ascript:alert(1)) <{web}/auto>",
        "- [nothing](http://) [port](http://host:99999/) [\u202egro.live](https://evil.example/)",
    ]
    return "\n".join(lines)


def _code(picture: str) -> str:
    reordered = 'if access != "user\u202e \u2066// only admins\u2069 \u2066":'
    return (
        f"```python\n{reordered}\n    grant()  # {CONTROLS} {BREAKS}\n\x1b[2J\x1b[31mred\n```\n\n"
        f'```<img/src="{picture}">\nA language that is a picture.\n```\n\n'
        f"    indented {DIRECTIONS} {CONTROLS}\n\n"
        f"~~~\u202eexe\nA language that is turned round.\n~~~\n"
    )


def _tables(picture: str, web: str) -> str:
    return (
        f'| <img src="{picture}"> | ![x]({web}/cell.png) | \u202eturned |\n|---|---|---|\n'
        f"| <script>alert(1)</script> | [x](javascript:alert(1)) | {CONTROLS} |\n"
    )


def _formulas(picture: str, web: str, baits: Path) -> str:
    return (
        f"$\\href{{javascript:alert(1)}}{{x}}$ $\\includegraphics{{{baits}/picture.png}}$ "
        f"$\\url{{{web}/tex}}$ $\\input{{{baits}/page.html}}$ $\\text{{<img src='{picture}'>}}$\n\n"
        f"$$\\def\\a{{\\a\\a}}\\a \\text{{\u202eturned}}$$\n\n"
        f'```math\n\\html@mathml{{<image href="{picture}"/>}}\n```\n'
    )
