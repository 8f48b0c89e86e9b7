"""Every sentence for the user that is not a label: message id -> English.

Placeholders are named. ``QT_TRANSLATE_NOOP`` does nothing here; it marks the text for
``lupdate``. The window passes the sentence through its translator, the terminal does not.
Rules: at most 140 characters filled in, names the thing, says what happened and what to do.
"""

from collections.abc import Callable, Mapping

from models.errors import KnownError

CONTEXT = "wording"


def QT_TRANSLATE_NOOP(_context: str, text: str) -> str:
    """Mark ``text`` for extraction and return it."""
    return text


SENTENCES: dict[str, str] = {
    # --- general ---------------------------------------------------------------------------
    "general.unexpected": QT_TRANSLATE_NOOP(
        "wording", "Something unexpected happened; your chats are saved, and the log tells more."
    ),
    # --- models ----------------------------------------------------------------------------
    # --- engine ----------------------------------------------------------------------------
    "engine.no_start": QT_TRANSLATE_NOOP(
        "wording", "The engine did not start; try again, and look at the log if it stays so."
    ),
    "engine.no_load": QT_TRANSLATE_NOOP(
        "wording",
        "The engine stopped making progress while loading; try again or choose another model.",
    ),
    "engine.no_load_loading": QT_TRANSLATE_NOOP(
        "wording",
        "{name} stopped making progress while loading; try again or choose another model.",
    ),
    "engine.no_start_loading": QT_TRANSLATE_NOOP(
        "wording", "The engine did not start, so {name} is not loaded; try again."
    ),
    "engine.no_reply": QT_TRANSLATE_NOOP(
        "wording",
        "The engine stopped answering and was ended; your question and its words so far are saved. Try again.",
    ),
    "engine.no_reply_loading": QT_TRANSLATE_NOOP(
        "wording",
        "The engine stopped answering while loading {name}; try again or choose another model.",
    ),
    "engine.no_render": QT_TRANSLATE_NOOP(
        "wording",
        "The model's chat template did not finish in time; this file is damaged or hostile. Choose another model.",
    ),
    "engine.no_progress": QT_TRANSLATE_NOOP(
        "wording",
        "The engine made no progress for minutes and was ended; what arrived is saved. Try again.",
    ),
    "engine.no_cancel": QT_TRANSLATE_NOOP(
        "wording",
        "The engine did not stop in time and was ended; the model loads again with the next message.",
    ),
    "engine.nonsense": QT_TRANSLATE_NOOP(
        "wording",
        "The engine sent something unreadable and was ended; your question is saved. Try again.",
    ),
    "engine.nonsense_loading": QT_TRANSLATE_NOOP(
        "wording",
        "The engine sent something unreadable while loading {name}; choose another model.",
    ),
    "engine.crashed": QT_TRANSLATE_NOOP(
        "wording",
        "The engine stopped unexpectedly ({signal}); your question and its words so far are saved. Try again.",
    ),
    "engine.crashed_loading": QT_TRANSLATE_NOOP(
        "wording",
        "The engine stopped unexpectedly ({signal}) while loading {name}; the file may be damaged. Choose another model.",
    ),
    "engine.exited": QT_TRANSLATE_NOOP(
        "wording",
        "The engine ended unexpectedly; your question and its words so far are saved. Try again.",
    ),
    "engine.exited_loading": QT_TRANSLATE_NOOP(
        "wording",
        "The engine ended unexpectedly while loading {name}; the file may be damaged. Choose another model.",
    ),
    "engine.crashes_often": QT_TRANSLATE_NOOP(
        "wording",
        "{name} crashed the engine three times in five minutes, so it is not loaded again by itself. Try again or choose another.",
    ),
    "engine.load_given_up": QT_TRANSLATE_NOOP(
        "wording",
        "Loading was given up because another model was asked for; your question is saved. Try again.",
    ),
    "engine.closed": QT_TRANSLATE_NOOP(
        "wording",
        "The model was unloaded; your question and its words so far are saved. Try again.",
    ),
    "engine.not_loaded": QT_TRANSLATE_NOOP(
        "wording", "No model is loaded; send your message again."
    ),
    # --- history and storage ---------------------------------------------------------------
    # --- settings --------------------------------------------------------------------------
    # --- export ----------------------------------------------------------------------------
    # --- terminal --------------------------------------------------------------------------
    "terminal.about": QT_TRANSLATE_NOOP(
        "wording",
        "Chat offline with open mixture-of-experts models. Without a command the window opens.",
    ),
    "terminal.usage": QT_TRANSLATE_NOOP(
        "wording", "That command is not understood ({problem}); see --help."
    ),
    "terminal.interrupted": QT_TRANSLATE_NOOP("wording", "Stopped. What had arrived is saved."),
    "terminal.empty_question": QT_TRANSLATE_NOOP(
        "wording", "The question is empty; write it in quotes after ask."
    ),
    "terminal.no_model": QT_TRANSLATE_NOOP(
        "wording", "There is no model yet; give one with --model FILE."
    ),
    "terminal.loading": QT_TRANSLATE_NOOP("wording", "Loading {name}: {percent} %"),
    "terminal.reading": QT_TRANSLATE_NOOP("wording", "Reading: {done} of {total} tokens"),
    "terminal.help_data_dir": QT_TRANSLATE_NOOP(
        "wording", "keep settings, history and models in this folder"
    ),
    "terminal.help_ask": QT_TRANSLATE_NOOP("wording", "ask one question and print the answer"),
    "terminal.help_question": QT_TRANSLATE_NOOP("wording", "the question, in quotes"),
    "terminal.help_model": QT_TRANSLATE_NOOP(
        "wording", "a GGUF file, or the name of a model in the library"
    ),
    "terminal.help_system": QT_TRANSLATE_NOOP(
        "wording", "instructions for the model (system prompt)"
    ),
    "terminal.help_temporary": QT_TRANSLATE_NOOP("wording", "save nothing of this question"),
    "terminal.help_json": QT_TRANSLATE_NOOP("wording", "print one JSON object"),
    "terminal.help_conversations": QT_TRANSLATE_NOOP("wording", "the conversations in the history"),
    "terminal.help_conversations_list": QT_TRANSLATE_NOOP(
        "wording", "list them, the one last used first"
    ),
    "terminal.help_models": QT_TRANSLATE_NOOP("wording", "the models on this computer"),
    "terminal.help_models_list": QT_TRANSLATE_NOOP("wording", "list them, the one last used first"),
    "terminal.help_export": QT_TRANSLATE_NOOP("wording", "print or save a conversation"),
    "terminal.help_output": QT_TRANSLATE_NOOP("wording", "write to this file instead of printing"),
    # --- chat ------------------------------------------------------------------------------
}


def sentence(
    code: str,
    facts: Mapping[str, str | int | float] | None = None,
    translate: Callable[[str, str], str] = lambda _context, text: text,
) -> str:
    """Return the sentence of ``code``, translated and filled in with ``facts``."""
    text = translate(CONTEXT, SENTENCES[code])
    return text.format(**(facts or {}))


def sentence_for(
    error: KnownError, translate: Callable[[str, str], str] = lambda _context, text: text
) -> str:
    """Return the sentence of an error."""
    return sentence(error.code, error.facts, translate)
