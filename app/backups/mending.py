"""What was saved of a damaged history holds together again: no message without its chat."""

from app.storage.connection import Connection
from app.wording import sentence


def mend_history(connection: Connection) -> None:
    """Give messages whose conversation or parent was lost a place where they are found.

    Runs in a transaction on the saved rows, before what still refers to nothing is removed.
    """
    connection.execute(
        # Its own name may be what was damaged: the last message shown knows it.
        "UPDATE OR IGNORE conversations SET id = (SELECT messages.conversation_id FROM messages"
        " WHERE messages.id = leaf_id) WHERE leaf_id IN (SELECT id FROM messages"
        " WHERE conversation_id NOT IN (SELECT id FROM conversations))"
        " AND id NOT IN (SELECT conversation_id FROM messages)"
    )
    for neighbour in ("other.id = messages.parent_id", "other.parent_id = messages.id"):
        # So do the message before and the one after, when it was damaged in one of them.
        known = (
            f"SELECT other.conversation_id FROM messages AS other WHERE {neighbour}"
            " AND other.conversation_id IN (SELECT id FROM conversations)"
        )
        connection.execute(
            f"UPDATE messages SET conversation_id = ({known} LIMIT 1)"
            f" WHERE conversation_id NOT IN (SELECT id FROM conversations) AND EXISTS ({known})"
        )
    connection.execute(
        # A conversation for what is left of it; its place and times are those of its messages.
        "INSERT INTO conversations (id, title, system_prompt, model_key, created_ms, updated_ms,"
        " sequence) SELECT conversation_id, ?, '', '', min(created_ms), max(created_ms), 0"
        " FROM messages WHERE conversation_id NOT IN (SELECT id FROM conversations)"
        " AND conversation_id <> '' GROUP BY conversation_id",
        (sentence("backup.recovered_title"),),
    )
    connection.execute(
        # The message before it in the same conversation: the text stays in its order.
        "UPDATE messages SET parent_id = (SELECT earlier.id FROM messages AS earlier"
        " WHERE earlier.conversation_id = messages.conversation_id"
        " AND earlier.sequence < messages.sequence ORDER BY earlier.sequence DESC LIMIT 1)"
        " WHERE parent_id IS NOT NULL AND parent_id NOT IN (SELECT id FROM messages)"
    )
    connection.execute(
        "UPDATE conversations SET leaf_id = NULL"
        " WHERE leaf_id IS NOT NULL AND leaf_id NOT IN (SELECT id FROM messages)"
    )
