"""A search as the Hub's parameters, and the next page's, which may come from anywhere."""

import urllib.parse

from models.hub_entities import SearchQuery

MAX_CURSOR = 4000
"""Characters."""

_EXPAND = (
    "downloads", "likes", "trendingScore", "lastModified", "gated", "tags", "cardData", "gguf",
)  # fmt: skip


def parameters_of(query: SearchQuery) -> tuple[tuple[str, str], ...]:
    """A query as the Hub's parameters."""
    made = [("filter", "gguf")]
    if query.licence:
        made.append(("filter", f"license:{query.licence}"))
    made += [("filter", tag) for tag in query.tags]
    if query.text.strip():
        made.append(("search", query.text.strip()[:200]))
    if query.author:
        made.append(("author", query.author))
    bounds = [
        f"{name}:{value / 1e9:.6g}B"
        for name, value in (("min", query.least_parameters), ("max", query.most_parameters))
        if value > 0
    ]
    if bounds:
        made.append(("num_parameters", ",".join(bounds)))
    made += [("sort", query.sort.value), ("limit", str(query.page_size))]
    return (*made, *(("expand", name) for name in _EXPAND))


def cursor_of(next_url: str | None) -> str | None:
    """What is needed of the next page's address. Its host is not: it could be any."""
    try:
        query = urllib.parse.urlsplit(next_url).query if next_url else ""
    except ValueError:
        return None
    return query if 0 < len(query) <= MAX_CURSOR else None


def parameters_of_cursor(cursor: str) -> tuple[tuple[str, str], ...]:
    """The parameters of the page that ``cursor`` stands for."""
    return tuple(urllib.parse.parse_qsl(cursor[:MAX_CURSOR]))
