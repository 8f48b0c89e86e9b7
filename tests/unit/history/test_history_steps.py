"""Each step of the schema makes tables or columns: by them newer is told from damaged."""

from app.history.schema import history_migrations
from app.storage.soundness import columns_made_by


def test_no_two_versions_have_the_same_columns() -> None:
    steps = history_migrations()
    made = [frozenset(columns_made_by(steps[:count])) for count in range(len(steps) + 1)]
    assert len(set(made)) == len(made)
