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
    "data.in_use": QT_TRANSLATE_NOOP(
        "wording",
        "Another Moestro uses {path} and does not answer; close it or choose another --data-dir.",
    ),
    "general.unexpected": QT_TRANSLATE_NOOP(
        "wording", "Something unexpected happened; your chats are saved, and the log tells more."
    ),
    # --- models ----------------------------------------------------------------------------
    "gguf.missing": QT_TRANSLATE_NOOP(
        "wording", "{name} is not there any more; choose the file again or another model."
    ),
    "gguf.not_readable": QT_TRANSLATE_NOOP(
        "wording", "{name} cannot be read; check its permissions and its disk, then open it again."
    ),
    "gguf.empty": QT_TRANSLATE_NOOP("wording", "{name} is empty; download it again."),
    "gguf.folder": QT_TRANSLATE_NOOP(
        "wording", "{name} is a folder; choose the .gguf file inside it."
    ),
    "gguf.special": QT_TRANSLATE_NOOP(
        "wording", "{name} is a device or a pipe, not a file; choose a .gguf file."
    ),
    "gguf.text": QT_TRANSLATE_NOOP(
        "wording", "{name} is a text file, not a model; choose a .gguf file."
    ),
    "gguf.web_page": QT_TRANSLATE_NOOP(
        "wording", "{name} is a web page, not a model; the download went wrong, download it again."
    ),
    "gguf.pointer": QT_TRANSLATE_NOOP(
        "wording",
        "{name} only points to a model kept elsewhere (Git LFS); download the file itself.",
    ),
    "gguf.safetensors": QT_TRANSLATE_NOOP(
        "wording",
        "{name} is a safetensors file, which this engine does not read; choose its GGUF version.",
    ),
    "gguf.pytorch": QT_TRANSLATE_NOOP(
        "wording",
        "{name} is a PyTorch or ZIP file, which this engine does not read; choose a .gguf file.",
    ),
    "gguf.old_ggml": QT_TRANSLATE_NOOP(
        "wording", "{name} is in the old GGML format; download a GGUF version of this model."
    ),
    "gguf.not_gguf": QT_TRANSLATE_NOOP(
        "wording", "{name} is not a GGUF model; choose a .gguf file."
    ),
    "gguf.version_1": QT_TRANSLATE_NOOP(
        "wording",
        "{name} is a GGUF file of version 1, too old for this engine; download a newer one.",
    ),
    "gguf.big_endian": QT_TRANSLATE_NOOP(
        "wording", "{name} was made for big-endian computers; download the ordinary version."
    ),
    "gguf.newer_version": QT_TRANSLATE_NOOP(
        "wording",
        "{name} is GGUF version {version}, newer than this engine; update Moestro or choose another file.",
    ),
    "gguf.newer_type": QT_TRANSLATE_NOOP(
        "wording",
        "{name} uses weights of type {number}, which need a newer engine; update Moestro or choose another file.",
    ),
    "gguf.retired_type": QT_TRANSLATE_NOOP(
        "wording",
        "{name} uses weights that this engine no longer reads; download another quantization.",
    ),
    "gguf.damaged": QT_TRANSLATE_NOOP(
        "wording", "{name} is damaged: its header makes no sense. Download it again."
    ),
    "gguf.truncated": QT_TRANSLATE_NOOP(
        "wording", "{name} is cut off: {missing:,} bytes are missing. Download it again."
    ),
    "gguf.truncated_header": QT_TRANSLATE_NOOP(
        "wording",
        "{name} ends inside its header, at least {missing:,} bytes are missing. Download it again.",
    ),
    "gguf.layers": QT_TRANSLATE_NOOP(
        "wording",
        "{name} is damaged: it states {stated} layers but holds {found}. Download it again.",
    ),
    "gguf.template_text": QT_TRANSLATE_NOOP(
        "wording", "The chat template in {name} is damaged text; download the model again."
    ),
    "gguf.projector": QT_TRANSLATE_NOOP(
        "wording",
        "{name} is the vision part of a model and cannot chat alone; choose the model's own file.",
    ),
    "gguf.no_weights": QT_TRANSLATE_NOOP(
        "wording", "{name} holds no weights, only a description; choose the model's own file."
    ),
    "gguf.changing": QT_TRANSLATE_NOOP(
        "wording",
        "{name} is still being written; wait until its download is done, then open it again.",
    ),
    "gguf.part_name": QT_TRANSLATE_NOOP(
        "wording",
        "{name} is one of {count} parts but was renamed; give it back its first name or download it again.",
    ),
    "gguf.part_missing": QT_TRANSLATE_NOOP(
        "wording",
        "{part}, a part of {name}, is missing; download it into the same folder.",
    ),
    "gguf.part_stranger": QT_TRANSLATE_NOOP(
        "wording", "{name} does not belong to the other parts beside it; download all parts again."
    ),
    "gguf.parts_mixed": QT_TRANSLATE_NOOP(
        "wording", "The parts of {name} do not fit together; download all of them again."
    ),
    "library.not_here": QT_TRANSLATE_NOOP(
        "wording",
        "{name} is not on this computer; choose an installed model or open its GGUF file.",
    ),
    "library.unknown": QT_TRANSLATE_NOOP(
        "wording", "No model is called {name}; choose an installed model or open a GGUF file."
    ),
    "library.ambiguous": QT_TRANSLATE_NOOP(
        "wording", "{count} models are called {name}; add the quantization, as in {example}."
    ),
    "library.replaced": QT_TRANSLATE_NOOP(
        "wording",
        "{name} was replaced by another model since it was added; choose the model again.",
    ),
    "library.forgotten": QT_TRANSLATE_NOOP(
        "wording", "This model is no longer in the library; open its GGUF file again."
    ),
    # --- engine ----------------------------------------------------------------------------
    "engine.no_devices": QT_TRANSLATE_NOOP(
        "wording",
        "The engine did not tell its devices in time; a driver may hang. Try again, or restart the computer.",
    ),
    "engine.not_at_start": QT_TRANSLATE_NOOP(
        "wording",
        "{name} crashed when it was loaded at the last start, so it waits until you send a message.",
    ),
    "engine.unloaded": QT_TRANSLATE_NOOP(
        "wording", "Unloaded; {gib} GiB of memory are free again."
    ),
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
        "The engine stopped unexpectedly ({signal}) while loading {name}; it may be damaged. Choose another model.",
    ),
    "engine.killed": QT_TRANSLATE_NOOP(
        "wording",
        "The system ended the engine ({signal}), often for lack of memory; what arrived is saved. Try again.",
    ),
    "engine.killed_loading": QT_TRANSLATE_NOOP(
        "wording",
        "The system ended the engine ({signal}) while loading {name}; memory is short. Choose a smaller model.",
    ),
    "engine.exited": QT_TRANSLATE_NOOP(
        "wording",
        "The engine ended unexpectedly; your question and its words so far are saved. Try again.",
    ),
    "engine.exited_loading": QT_TRANSLATE_NOOP(
        "wording",
        "The engine ended unexpectedly while loading {name}; it may be damaged. Choose another model.",
    ),
    "engine.crashes_often": QT_TRANSLATE_NOOP(
        "wording",
        "{name} crashed three times in five minutes and is not loaded by itself. Try again or choose another.",
    ),
    "engine.load_given_up": QT_TRANSLATE_NOOP(
        "wording",
        "Loading was given up because the model was changed or unloaded; your question is saved. Try again.",
    ),
    "engine.closed": QT_TRANSLATE_NOOP(
        "wording",
        "The model was unloaded; your question and its words so far are saved. Try again.",
    ),
    "engine.not_loaded": QT_TRANSLATE_NOOP(
        "wording", "No model is loaded; send your message again."
    ),
    "engine.file_refused": QT_TRANSLATE_NOOP(
        "wording",
        "The engine cannot read {name}; it may be damaged or too new. Download it again or choose another.",
    ),
    "engine.unknown_architecture": QT_TRANSLATE_NOOP(
        "wording",
        "{name} has the unknown architecture {architecture}; choose another model or update Moestro.",
    ),
    "engine.not_chat_model": QT_TRANSLATE_NOOP(
        "wording",
        "{name} is not made for writing text; choose a chat model.",
    ),
    "engine.out_of_memory": QT_TRANSLATE_NOOP(
        "wording",
        "{name} needs about {needed} GiB more and {free} GiB are free; choose a smaller model or context.",
    ),
    "engine.context_refused": QT_TRANSLATE_NOOP(
        "wording",
        "{name} could not be started with a context of {context} tokens; choose a shorter context.",
    ),
    "engine.unknown_device": QT_TRANSLATE_NOOP(
        "wording",
        "The device {device} is not there any more; load the model again with another placement.",
    ),
    "engine.no_template": QT_TRANSLATE_NOOP(
        "wording",
        "{name} has no chat template, so it cannot hold a conversation; choose its instruct or chat version.",
    ),
    "engine.template_refused": QT_TRANSLATE_NOOP(
        "wording",
        "The chat template inside {name} cannot be used; choose another version of this model.",
    ),
    "engine.template_too_large": QT_TRANSLATE_NOOP(
        "wording",
        "The chat template inside {name} is far too large to be real; choose another version of this model.",
    ),
    "engine.template_unreadable": QT_TRANSLATE_NOOP(
        "wording",
        "The chat template inside {name} is not readable text; choose another version of this model.",
    ),
    "engine.prompt_too_long": QT_TRANSLATE_NOOP(
        "wording",
        "This conversation has about {tokens} tokens and {context} fit; shorten it, begin a new one or raise the context.",
    ),
    "engine.decode_failed": QT_TRANSLATE_NOOP(
        "wording",
        "The engine could not compute an answer with {name}; your question is saved. Try again.",
    ),
    "engine.internal": QT_TRANSLATE_NOOP(
        "wording",
        "The engine met a problem of its own; your question is saved. Try again, and look at the log if it stays so.",
    ),
    # --- history and storage ---------------------------------------------------------------
    "storage.newer": QT_TRANSLATE_NOOP(
        "wording",
        "{file} was written by a newer Moestro and was left as it is; update Moestro to open it.",
    ),
    "storage.older": QT_TRANSLATE_NOOP(
        "wording",
        "{file} is from an older Moestro; start the window once, which brings it up to date.",
    ),
    "storage.not_migrated": QT_TRANSLATE_NOOP(
        "wording",
        "{file} could not be brought up to date and was left as it is; a copy lies in backups.",
    ),
    "storage.damaged": QT_TRANSLATE_NOOP(
        "wording",
        "{file} is damaged; start Moestro again: the file is kept under another name, a new one is begun.",
    ),
    "storage.set_aside": QT_TRANSLATE_NOOP(
        "wording", "{file} was damaged, so a new one was begun; the old one is kept as {kept}."
    ),
    "storage.was_empty": QT_TRANSLATE_NOOP(
        "wording", "{file} was empty, so it was begun anew; copies of older ones lie in backups."
    ),
    "storage.read_only": QT_TRANSLATE_NOOP(
        "wording",
        "{file} cannot be written; check the permissions of its folder, or choose another data folder.",
    ),
    "storage.disk_full": QT_TRANSLATE_NOOP(
        "wording", "The disk is full, so {file} could not take this; free some space and try again."
    ),
    "storage.busy": QT_TRANSLATE_NOOP(
        "wording", "{file} is in use by another program; wait a moment and try again."
    ),
    "storage.io": QT_TRANSLATE_NOOP(
        "wording", "The disk did not read or write {file}; check the drive, then try again."
    ),
    "storage.folder": QT_TRANSLATE_NOOP(
        "wording",
        "There is no folder for {file}: a file is in its place; choose another data folder.",
    ),
    "storage.closed": QT_TRANSLATE_NOOP(
        "wording", "{file} is closed already because Moestro is ending; start it again."
    ),
    "history.no_conversation": QT_TRANSLATE_NOOP(
        "wording", "There is no chat {id} in this history; choose one from the list of chats."
    ),
    "history.no_message": QT_TRANSLATE_NOOP(
        "wording", "The message {id} is no longer in this history; open its chat again."
    ),
    "history.repaired": QT_TRANSLATE_NOOP(
        "wording", "A part of this message could not be read from the disk; what is left is shown."
    ),
    # --- settings --------------------------------------------------------------------------
    "settings.damaged": QT_TRANSLATE_NOOP(
        "wording",
        "The settings were damaged; the file is kept as {name}, and the defaults are used.",
    ),
    "settings.not_readable": QT_TRANSLATE_NOOP(
        "wording",
        "{name} cannot be read; the defaults are used, and changes last until Moestro is closed.",
    ),
    "settings.bad_value": QT_TRANSLATE_NOOP(
        "wording", "The setting {key} had a value that does not fit; its default is used."
    ),
    "settings.refused_value": QT_TRANSLATE_NOOP(
        "wording", "This value does not fit the setting {key}; the old one is kept."
    ),
    "settings.not_saved": QT_TRANSLATE_NOOP(
        "wording",
        "The settings are not saved ({reason}); changes last until Moestro is closed. Make room or check {file}.",
    ),
    "data.lock_not_usable": QT_TRANSLATE_NOOP(
        "wording",
        "{path} cannot be locked; check its permissions or choose another data folder with --data-dir.",
    ),
    "logs.not_usable": QT_TRANSLATE_NOOP(
        "wording",
        "No log can be written to {path}; Moestro works without it. Check the folder's permissions.",
    ),
    # --- export ----------------------------------------------------------------------------
    "export.saved": QT_TRANSLATE_NOOP("wording", "Saved as {file}."),
    "export.saved_many": QT_TRANSLATE_NOOP("wording", "{count} chats saved in {folder}."),
    "export.exists": QT_TRANSLATE_NOOP(
        "wording", "{file} is there already and was left as it is; choose another name."
    ),
    "export.no_folder": QT_TRANSLATE_NOOP(
        "wording", "There is no such folder for {file}; choose a folder that exists."
    ),
    "export.not_allowed": QT_TRANSLATE_NOOP(
        "wording", "{file} cannot be written in this place; choose another folder."
    ),
    "export.disk_full": QT_TRANSLATE_NOOP(
        "wording", "The disk is full, so {file} was not written; free some space and export again."
    ),
    "export.io": QT_TRANSLATE_NOOP(
        "wording", "The disk did not take {file}; choose a shorter name or another folder."
    ),
    "export.untitled": QT_TRANSLATE_NOOP("wording", "Chat"),
    "export.system_prompt": QT_TRANSLATE_NOOP("wording", "System prompt"),
    "export.user": QT_TRANSLATE_NOOP("wording", "You"),
    "export.assistant": QT_TRANSLATE_NOOP("wording", "Answer"),
    "export.reasoning": QT_TRANSLATE_NOOP("wording", "Reasoning"),
    "export.interrupted": QT_TRANSLATE_NOOP("wording", "This answer was interrupted."),
    "export.demo": QT_TRANSLATE_NOOP("wording", "demo model"),
    "export.tokens": QT_TRANSLATE_NOOP("wording", "{count} tokens"),
    "export.speed": QT_TRANSLATE_NOOP("wording", "{speed:.1f} tokens/s"),
    "export.temperature": QT_TRANSLATE_NOOP("wording", "temperature {value:g}"),
    "export.seed": QT_TRANSLATE_NOOP("wording", "seed {seed}"),
    # --- terminal --------------------------------------------------------------------------
    "terminal.help_devices": QT_TRANSLATE_NOOP("wording", "what this computer can run models on"),
    "terminal.device": QT_TRANSLATE_NOOP(
        "wording", "{name}: {description}, {free} of {total} GiB free"
    ),
    "terminal.about": QT_TRANSLATE_NOOP(
        "wording",
        "Chat offline with open mixture-of-experts models. Without a command the window opens.",
    ),
    "terminal.usage": QT_TRANSLATE_NOOP(
        "wording", "That command is not understood ({problem}); see --help."
    ),
    "terminal.not_positive": QT_TRANSLATE_NOOP("wording", "Give a whole number above 0"),
    "terminal.not_temperature": QT_TRANSLATE_NOOP("wording", "Give a number from 0 to 10"),
    "terminal.not_seed": QT_TRANSLATE_NOOP("wording", "Give a whole number from 0 to 4294967294"),
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
    "chat.busy": QT_TRANSLATE_NOOP(
        "wording",
        "An answer is still being written in “{title}”; wait for it or stop it, then send again.",
    ),
    "chat.busy_loading": QT_TRANSLATE_NOOP(
        "wording", "An answer is still being written; stop it before you load another model."
    ),
    "chat.not_stored": QT_TRANSLATE_NOOP(
        "wording", "The disk did not take this answer; copy it now and free some space."
    ),
    "chat.closed_meanwhile": QT_TRANSLATE_NOOP(
        "wording", "Moestro was closed before the answer was complete; what had arrived is kept."
    ),
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
