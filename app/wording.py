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
    # --- network and Hub -------------------------------------------------------------------
    "network.offline": QT_TRANSLATE_NOOP(
        "wording", "Moestro is set to offline, so {host} was not asked; allow it in the settings."
    ),
    "network.timeout": QT_TRANSLATE_NOOP(
        "wording", "{host} did not answer in time; check the connection and try again."
    ),
    "network.tls": QT_TRANSLATE_NOOP(
        "wording",
        "{host} could not prove who it is; check the clock, or give your company's certificate file.",
    ),
    "network.proxy": QT_TRANSLATE_NOOP(
        "wording",
        "The proxy on the way to {host} does not let Moestro through; check the system's proxy settings.",
    ),
    "network.dns": QT_TRANSLATE_NOOP(
        "wording", "The address of {host} was not found; check its name and the connection."
    ),
    "network.blocked": QT_TRANSLATE_NOOP(
        "wording",
        "{host} takes no connections; it may be down, or a firewall is in between. Try again later.",
    ),
    "network.broken": QT_TRANSLATE_NOOP(
        "wording", "The connection to {host} broke; check it and try again."
    ),
    "network.redirect": QT_TRANSLATE_NOOP(
        "wording",
        "{host} led to {other}, which is less safe; check the Hub's address.",
    ),
    "network.loop": QT_TRANSLATE_NOOP(
        "wording", "{host} sends requests round in a circle; try later or set another Hub address."
    ),
    "network.ca_file": QT_TRANSLATE_NOOP(
        "wording", "{path} holds no certificates that can be read; choose another file or none."
    ),
    "hub.login": QT_TRANSLATE_NOOP(
        "wording", "{name} is gated: accept its terms on {host}, then paste your token."
    ),
    "hub.request": QT_TRANSLATE_NOOP(
        "wording", "{name} is not open to your account yet; ask on its page at {host}."
    ),
    "hub.token": QT_TRANSLATE_NOOP(
        "wording", "{host} does not accept your token; make a new one there and paste it."
    ),
    "hub.not_found": QT_TRANSLATE_NOOP(
        "wording", "{name} is not on {host}, or private; check the name or use a token."
    ),
    "hub.revision": QT_TRANSLATE_NOOP(
        "wording", "{name} on {host} lacks this file or version; open its page again."
    ),
    "hub.disabled": QT_TRANSLATE_NOOP(
        "wording", "{name} was disabled by {host}; choose another repository of this model."
    ),
    "hub.refused": QT_TRANSLATE_NOOP(
        "wording", "{host} does not allow this (status {number}); try again or use a token."
    ),
    "hub.rate_limited": QT_TRANSLATE_NOOP(
        "wording", "{host} was asked too often; try again in {seconds} s, or use a token."
    ),
    "hub.server": QT_TRANSLATE_NOOP(
        "wording", "{host} has trouble of its own (status {number}); try again in a few minutes."
    ),
    "hub.nonsense": QT_TRANSLATE_NOOP(
        "wording",
        "{host} did not answer as a Hub does; check its address, or log in if the network asks you to.",
    ),
    # --- downloads -------------------------------------------------------------------------
    "download.reconnect": QT_TRANSLATE_NOOP(
        "wording", "The connection to {host} broke; trying again in {seconds} s."
    ),
    "download.rate_limited": QT_TRANSLATE_NOOP(
        "wording", "{host} asks for a pause; the download goes on in {seconds} s."
    ),
    "download.user": QT_TRANSLATE_NOOP("wording", "Paused; nothing is lost. Resume when you like."),
    "download.app_quit": QT_TRANSLATE_NOOP(
        "wording", "Paused when Moestro was closed; resume when you like."
    ),
    "download.offline": QT_TRANSLATE_NOOP(
        "wording", "{host} cannot be reached; the download goes on when the network is back."
    ),
    "download.server": QT_TRANSLATE_NOOP(
        "wording", "{host} does not answer properly; Moestro tries again in a while."
    ),
    "download.no_resume": QT_TRANSLATE_NOOP(
        "wording", "{host} always begins at zero again; resume later, or choose another mirror."
    ),
    "download.disk_full": QT_TRANSLATE_NOOP(
        "wording", "The disk of {folder} is full; free some space, then resume."
    ),
    "download.volume_gone": QT_TRANSLATE_NOOP(
        "wording", "The disk of {folder} does not answer; connect it again, then resume."
    ),
    "download.no_permission": QT_TRANSLATE_NOOP(
        "wording", "{folder} may not be written; change its permissions, then resume."
    ),
    "download.in_use": QT_TRANSLATE_NOOP(
        "wording", "Another download is fetching {name}; this one goes on after it."
    ),
    "download.gated": QT_TRANSLATE_NOOP(
        "wording", "{model} asks you to accept its terms; accept them on its page, then resume."
    ),
    "download.auth": QT_TRANSLATE_NOOP(
        "wording", "{model} needs an access token; add yours in the settings, then resume."
    ),
    "download.space": QT_TRANSLATE_NOOP(
        "wording",
        "This needs {needed} on the disk, and {free} may be used; free some space, then resume.",
    ),
    "download.fs_limit": QT_TRANSLATE_NOOP(
        "wording",
        "The disk of {folder} takes no file as large as this; use another library folder.",
    ),
    "download.not_found": QT_TRANSLATE_NOOP(
        "wording", "{name} is no longer on {host}; look at its page and download it anew."
    ),
    "download.changed": QT_TRANSLATE_NOOP(
        "wording", "{name} changed on {host} meanwhile; open its page and download it anew."
    ),
    "download.redirect": QT_TRANSLATE_NOOP(
        "wording", "{host} was not asked: the Hub may not send downloads there. Check the mirror."
    ),
    "download.refused": QT_TRANSLATE_NOOP(
        "wording", "{host} refuses {name} (answer {number}); look at its page."
    ),
    "download.certificate": QT_TRANSLATE_NOOP(
        "wording", "The certificate of {host} is not trusted; check the clock, proxy or CA file."
    ),
    "download.occupied": QT_TRANSLATE_NOOP(
        "wording", "Another file is where {name} belongs; move it away, then try again."
    ),
    "download.structure": QT_TRANSLATE_NOOP(
        "wording", "{name} is not a sound model; choose another quantization."
    ),
    "download.unexpected": QT_TRANSLATE_NOOP(
        "wording", "The download stopped for an unknown reason; try again, and see the log."
    ),
    "download.corrupt": QT_TRANSLATE_NOOP(
        "wording",
        "{name} came damaged twice and was removed; check disk, RAM and proxy, then try again.",
    ),
    "download.went_back_crash": QT_TRANSLATE_NOOP(
        "wording", "The computer stopped suddenly, so the last part is fetched again."
    ),
    "download.went_back_hash": QT_TRANSLATE_NOOP(
        "wording", "The file came damaged, so it is fetched once more from the start."
    ),
    "download.went_back_no_range": QT_TRANSLATE_NOOP(
        "wording", "The server cannot continue a download, so it began again."
    ),
    "download.nothing": QT_TRANSLATE_NOOP(
        "wording", "{name} names no files; choose a quantization."
    ),
    "download.no_checksum": QT_TRANSLATE_NOOP(
        "wording",
        "The Hub gives no checksum for {name}, so it could not be verified; choose another file.",
    ),
    "download.name": QT_TRANSLATE_NOOP(
        "wording", "{name} is not a safe file name; this repository cannot be downloaded."
    ),
    "download.name_clash": QT_TRANSLATE_NOOP(
        "wording",
        "{name} has the same name as another file on some disks; it cannot be downloaded.",
    ),
    "download.unknown": QT_TRANSLATE_NOOP("wording", "This download is no longer on the list."),
    "download.elsewhere": QT_TRANSLATE_NOOP(
        "wording", "Another Moestro is downloading {name}; pause it there."
    ),
    # --- engine ----------------------------------------------------------------------------
    "engine.no_devices": QT_TRANSLATE_NOOP(
        "wording",
        "The engine did not tell its devices in time; a driver may hang. Try again, or restart the computer.",
    ),
    "engine.no_measurement": QT_TRANSLATE_NOOP(
        "wording",
        "Measuring this computer took far too long and was stopped; a driver may hang. Try again later.",
    ),
    "engine.no_rehearsal": QT_TRANSLATE_NOOP(
        "wording",
        "The engine took too long to work out this plan's memory, so it is estimated with a wider margin.",
    ),
    "engine.not_at_start": QT_TRANSLATE_NOOP(
        "wording",
        "{name} crashed when it was loaded at the last start, so it waits until you send a message.",
    ),
    "engine.unloaded": QT_TRANSLATE_NOOP("wording", "Unloaded; {free} of memory are free again."),
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
    "engine.rpc_address": QT_TRANSLATE_NOOP(
        "wording",
        "{host} is no address of another computer; write HOST:PORT, such as 192.168.1.20:50052.",
    ),
    "engine.rpc_twice": QT_TRANSLATE_NOOP(
        "wording", "{host} is named twice; name each computer once."
    ),
    "engine.rpc_unreachable": QT_TRANSLATE_NOOP(
        "wording",
        "{host} cannot be reached; start its rpc-worker, check the address, or leave it out.",
    ),
    "engine.rpc_mute": QT_TRANSLATE_NOOP(
        "wording",
        "{host} does not answer; another program may be using it. End that one, or leave it out.",
    ),
    "engine.rpc_foreign": QT_TRANSLATE_NOOP(
        "wording",
        "{host} speaks another protocol; run the rpc-worker of this Moestro version there.",
    ),
    "engine.rpc_empty": QT_TRANSLATE_NOOP(
        "wording", "{host} serves no device; restart its rpc-worker, or leave it out."
    ),
    "engine.rpc_absent": QT_TRANSLATE_NOOP(
        "wording", "This engine was built without RPC, so {host} cannot be used; leave it out."
    ),
    "engine.rpc_silent": QT_TRANSLATE_NOOP(
        "wording",
        "{host} stopped answering, so the engine was ended; what arrived is saved. Check it and try again.",
    ),
    "engine.rpc_silent_loading": QT_TRANSLATE_NOOP(
        "wording",
        "{host} went silent while loading {name}; check it and try again.",
    ),
    "engine.rpc_lost": QT_TRANSLATE_NOOP(
        "wording",
        "The connection to {host} ended, and the engine with it; what arrived is saved. Check it and try again.",
    ),
    "engine.rpc_lost_loading": QT_TRANSLATE_NOOP(
        "wording",
        "{host} was lost while loading {name}; check it and try again.",
    ),
    "engine.no_eyes": QT_TRANSLATE_NOOP(
        "wording",
        "This model sees no images as it is loaded; load one with its projector, or take the image out.",
    ),
    "engine.image_damaged": QT_TRANSLATE_NOOP(
        "wording",
        "An image of this conversation could not be read; take it out, save it again and attach it anew.",
    ),
    "engine.image_dropped": QT_TRANSLATE_NOOP(
        "wording",
        "The chat template inside {name} left an image out; ask without images or choose another model.",
    ),
    "engine.image_at_once": QT_TRANSLATE_NOOP(
        "wording",
        "The image takes {tokens} tokens at once and {longest} can be computed; attach a smaller image.",
    ),
    "engine.images_too_large": QT_TRANSLATE_NOOP(
        "wording",
        "The {count} images of this conversation are too large together; leave messages with images out.",
    ),
    "engine.projector_refused": QT_TRANSLATE_NOOP(
        "wording",
        "The projector {name} does not go with this model, so it sees no images; ask without them.",
    ),
    "engine.projector_unknown": QT_TRANSLATE_NOOP(
        "wording",
        "Moestro cannot use a projector of the kind of {name} yet; ask without images.",
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
    # --- this computer ---------------------------------------------------------------------
    "computer.not_needed": QT_TRANSLATE_NOOP(
        "wording", "Not used, because the engine prefers another device here."
    ),
    "computer.holds_model": QT_TRANSLATE_NOOP("wording", "Holds parts of the loaded model"),
    "computer.no_gpu": QT_TRANSLATE_NOOP(
        "wording", "Models run on the processor; there is no GPU here that the engine can use."
    ),
    "computer.one_gpu": QT_TRANSLATE_NOOP("wording", "Models use {description} and the processor."),
    "computer.one_lent": QT_TRANSLATE_NOOP(
        "wording", "Models use a device of another computer and the processor."
    ),
    "computer.many_devices": QT_TRANSLATE_NOOP(
        "wording", "Models use {count} devices and the processor; another computer lends some."
    ),
    "computer.lent": QT_TRANSLATE_NOOP("wording", "Computer {host}"),
    "computer.many_gpus": QT_TRANSLATE_NOOP(
        "wording", "Models use {count} GPUs and the processor."
    ),
    "computer.gpu_unused": QT_TRANSLATE_NOOP(
        "wording", "{description} is not used, so answers are slower than they could be."
    ),
    "computer.gpus_unused": QT_TRANSLATE_NOOP(
        "wording", "{count} GPUs are not used, so answers are slower than they could be."
    ),
    "computer.not_measured": QT_TRANSLATE_NOOP(
        "wording",
        "Speeds are predicted from typical figures until this computer is measured, about 10 s.",
    ),
    "computer.rpc_insecure": QT_TRANSLATE_NOOP(
        "wording",
        "RPC is neither encrypted nor locked: whoever is in that network can read what you ask.",
    ),
    # --- machine ---------------------------------------------------------------------------
    "machine.no_such_device": QT_TRANSLATE_NOOP(
        "wording",
        "No device is called {name}, so this budget changes nothing; see “devices” for the names.",
    ),
    "machine.budget_cut": QT_TRANSLATE_NOOP(
        "wording",
        "{name} can give {free} of the {needed} GiB allowed and gives that; close other programs for more.",
    ),
    "machine.no_file": QT_TRANSLATE_NOOP(
        "wording", "There is no file {name} that describes a machine; check its name and folder."
    ),
    "machine.not_readable": QT_TRANSLATE_NOOP(
        "wording", "The machine file {name} cannot be read; check its permissions."
    ),
    "machine.file_too_large": QT_TRANSLATE_NOOP(
        "wording", "{name} is far too large for the description of a machine; choose another file."
    ),
    "machine.not_json": QT_TRANSLATE_NOOP(
        "wording", "The machine file {name} is not proper JSON; check its commas and brackets."
    ),
    "machine.not_described": QT_TRANSLATE_NOOP(
        "wording",
        "{name} describes no machine; it must be one JSON object with ram_bytes and devices.",
    ),
    "machine.field_missing": QT_TRANSLATE_NOOP(
        "wording", "The machine file {name} lacks {key}; add it."
    ),
    "machine.field_unknown": QT_TRANSLATE_NOOP(
        "wording",
        "The machine file {name} has a field {key}, which means nothing; correct its name.",
    ),
    "machine.not_whole": QT_TRANSLATE_NOOP(
        "wording", "In {name}, {key} must be a whole number above 0, of a real size; correct it."
    ),
    "machine.not_free_bytes": QT_TRANSLATE_NOOP(
        "wording", "In {name}, {key} must be a whole number, 0 or more; correct it."
    ),
    "machine.not_speed": QT_TRANSLATE_NOOP(
        "wording", "In {name}, {key} must be a number above 0, of a real size; correct it."
    ),
    "machine.not_yes_no": QT_TRANSLATE_NOOP(
        "wording", "In {name}, {key} must be true or false; correct it."
    ),
    "machine.not_devices": QT_TRANSLATE_NOOP(
        "wording", "In {name}, {key} is not as expected: devices is a list of objects; correct it."
    ),
    "machine.kind_unknown": QT_TRANSLATE_NOOP(
        "wording", "In {name}, {key} must be gpu, igpu or unified; correct it."
    ),
    "machine.name_not_usable": QT_TRANSLATE_NOOP(
        "wording", "In {name}, {key} must be a name of 1 to 80 plain characters; correct it."
    ),
    "machine.name_of_processor": QT_TRANSLATE_NOOP(
        "wording", "In {name}, a device is called {device}, as the processor is; call it otherwise."
    ),
    "machine.name_taken": QT_TRANSLATE_NOOP(
        "wording", "In {name}, two devices are called {device}; give each a name of its own."
    ),
    "machine.too_many_devices": QT_TRANSLATE_NOOP(
        "wording", "{name} describes more than {count} devices; leave out the slowest ones."
    ),
    "machine.free_above_all": QT_TRANSLATE_NOOP(
        "wording", "In {name}, {key} is more than the memory there is; correct it."
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
    "storage.salvaged": QT_TRANSLATE_NOOP(
        "wording",
        "{file} was damaged: {count} rows saved, {missing} lost; look into Backups. The old file: {kept}.",
    ),
    "storage.salvaged_all": QT_TRANSLATE_NOOP(
        "wording",
        "{file} was damaged; all {count} rows were saved into a new one. The old file is {kept}.",
    ),
    "storage.replaced": QT_TRANSLATE_NOOP(
        "wording",
        "The restored {file} is in use now; the one before it is kept in your data folder.",
    ),
    "backup.unknown": QT_TRANSLATE_NOOP(
        "wording", "There is no backup {name}; the list of backups tells which there are."
    ),
    "backup.none": QT_TRANSLATE_NOOP(
        "wording", "There is no backup in {folder} yet; make one first."
    ),
    "backup.nothing": QT_TRANSLATE_NOOP(
        "wording", "There is no history in {folder} yet, so there is nothing to back up."
    ),
    "backup.damaged": QT_TRANSLATE_NOOP(
        "wording", "The backup {name} is damaged and was not used; choose another one."
    ),
    "backup.not_ours": QT_TRANSLATE_NOOP(
        "wording", "{name} is not a backup of Moestro, or of a newer one; choose another file."
    ),
    "backup.newer": QT_TRANSLATE_NOOP(
        "wording", "{name} was made by a newer Moestro and was not used; update Moestro first."
    ),
    "backup.in_use": QT_TRANSLATE_NOOP(
        "wording", "A backup of {file} is being made already; wait until it is finished."
    ),
    "backup.window_open": QT_TRANSLATE_NOOP(
        "wording", "Moestro is open; close its window first, so that nothing is written meanwhile."
    ),
    "backup.target_exists": QT_TRANSLATE_NOOP(
        "wording", "{name} is there already and was left as it is; choose another name."
    ),
    "backup.io": QT_TRANSLATE_NOOP(
        "wording",
        "The disk did not read or write {name}; check the drive and its free space, then try again.",
    ),
    "backup.nothing_saved": QT_TRANSLATE_NOOP(
        "wording", "Nothing in {name} could be read; choose a backup instead."
    ),
    "backup.salvaged": QT_TRANSLATE_NOOP(
        "wording",
        "{count} rows were saved as the backup {name}, {missing} were lost; restore it to use it.",
    ),
    "backup.not_erased": QT_TRANSLATE_NOOP(
        "wording",
        "{name} could not be deleted, all the rest was; check its permissions and try again.",
    ),
    "backup.erase_asks": QT_TRANSLATE_NOOP(
        "wording",
        "This deletes {count} files and folders in {folder} for ever; say --yes if you mean it.",
    ),
    "backup.erased": QT_TRANSLATE_NOOP(
        "wording", "{size} were deleted in {folder}; what follows is not of Moestro or was kept."
    ),
    "backup.one_file": QT_TRANSLATE_NOOP(
        "wording",
        "{name} holds history and settings ({size}), not models; those can be downloaded again.",
    ),
    "backup.recovered_title": QT_TRANSLATE_NOOP("wording", "Recovered chat"),
    "backup.no_room": QT_TRANSLATE_NOOP(
        "wording", "No room for a backup of {file}: it needs {gib} GiB free; free some space."
    ),
    "backup.damaged_source": QT_TRANSLATE_NOOP(
        "wording",
        "{file} could not be backed up: a part of it is damaged; restart Moestro, which mends it.",
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
    "history.not_queued": QT_TRANSLATE_NOOP(
        "wording",
        "This waiting message was sent or taken back already; look at the end of the chat.",
    ),
    "history.not_presets": QT_TRANSLATE_NOOP(
        "wording", "This file holds no presets of Moestro; choose one that was exported as presets."
    ),
    "history.presets_newer": QT_TRANSLATE_NOOP(
        "wording", "These presets were written by a newer Moestro; update this one to import them."
    ),
    "history.no_folder": QT_TRANSLATE_NOOP(
        "wording", "This folder is not there any more; choose one from the list of chats."
    ),
    "history.no_folder_name": QT_TRANSLATE_NOOP(
        "wording", "A folder needs a name; type one, then press Enter."
    ),
    "history.no_preset": QT_TRANSLATE_NOOP(
        "wording", "This preset or prompt was deleted already; look for it in the trash."
    ),
    "history.not_in_trash": QT_TRANSLATE_NOOP(
        "wording", "{id} is not in the trash; conversations list --trash tells what is."
    ),
    "history.repaired": QT_TRANSLATE_NOOP(
        "wording", "A part of this message could not be read from the disk; what is left is shown."
    ),
    # --- search and trash in the window ---------------------------------------------------------
    "search.made_again": QT_TRANSLATE_NOOP(
        "wording",
        "The index of words was damaged and is being made again; your chats are unharmed. Search again in a moment.",
    ),
    "trash.empties": QT_TRANSLATE_NOOP(
        "wording", "Erased for ever: {contents}. Their words leave the search too."
    ),
    "trash.backups_keep": QT_TRANSLATE_NOOP(
        "wording",
        "Backups made before still hold them: automatic ones make room within weeks, your own stay until you delete them.",
    ),
    # --- backups and data in the window ------------------------------------------------------
    "data.kept": QT_TRANSLATE_NOOP(
        "wording", "A backup of your chats was made and checked ({size})."
    ),
    "data.restored": QT_TRANSLATE_NOOP(
        "wording",
        "The chats of {when} come back when Moestro starts again; those of now are backed up first.",
    ),
    "data.restored_file": QT_TRANSLATE_NOOP(
        "wording",
        "The chats in {name} come back when Moestro starts again; its settings hold already.",
    ),
    "data.waits": QT_TRANSLATE_NOOP(
        "wording",
        "Earlier chats come back when Moestro starts again; those of now are backed up first.",
    ),
    "data.stays": QT_TRANSLATE_NOOP("wording", "The chats of now stay; nothing was restored."),
    "data.no_backups": QT_TRANSLATE_NOOP(
        "wording",
        "There is no backup yet. Moestro makes one every 30 minutes when something changed.",
    ),
    "data.choose_backup": QT_TRANSLATE_NOOP(
        "wording", "Choose a backup to see what is in it, and what restoring it would change."
    ),
    "data.erase_stays": QT_TRANSLATE_NOOP(
        "wording",
        "This cannot be undone. What you exported, other programs' files and models in other folders stay.",
    ),
    "data.erased": QT_TRANSLATE_NOOP(
        "wording", "Everything of Moestro in {folder} was deleted; {size} are free again."
    ),
    "data.token_left": QT_TRANSLATE_NOOP(
        "wording", "Your token for the Hub may still be in the system's keyring; remove it there."
    ),
    "data.away": QT_TRANSLATE_NOOP(
        "wording",
        "Your data lie in {path}, which is not there now; connect its disk and try again.",
    ),
    "data.note_damaged": QT_TRANSLATE_NOOP(
        "wording",
        "{path} no longer says where your data lie; repair it, or remove it to begin anew.",
    ),
    "data.move_chosen": QT_TRANSLATE_NOOP(
        "wording",
        "{path} was named by --data-dir or MOESTRO_DATA_DIR; name another folder there instead.",
    ),
    "data.move_same": QT_TRANSLATE_NOOP(
        "wording", "Your data lie in {path} already; choose another folder."
    ),
    "data.move_inside": QT_TRANSLATE_NOOP(
        "wording", "{path} and the data folder lie in each other; choose a folder beside it."
    ),
    "data.move_no_folder": QT_TRANSLATE_NOOP(
        "wording", "{path} cannot be made: there is no folder for it, or a file; choose another."
    ),
    "data.move_not_empty": QT_TRANSLATE_NOOP(
        "wording", "There is something in {path} already; choose another folder for your data."
    ),
    "data.move_no_room": QT_TRANSLATE_NOOP(
        "wording", "{path} needs {needed} and has {free}; make room or choose another disk."
    ),
    "data.move_io": QT_TRANSLATE_NOOP(
        "wording",
        "{path} does not take your data ({reason}); nothing changed. Choose another folder.",
    ),
    "data.move_differs": QT_TRANSLATE_NOOP(
        "wording",
        "{path} was read back differently than written; nothing changed. Check that disk.",
    ),
    "data.move_damaged": QT_TRANSLATE_NOOP(
        "wording", "{path} is not sound, so nothing was moved; look at your backups first."
    ),
    "data.move_stopped": QT_TRANSLATE_NOOP(
        "wording", "Moving your data was stopped; they stay where they were."
    ),
    "data.move_asks": QT_TRANSLATE_NOOP(
        "wording", "Move {size} to {path}? Moestro starts again for it. Models stay where they are."
    ),
    "data.moved": QT_TRANSLATE_NOOP(
        "wording", "Your data lie in {path} now, and were checked; the old files were set aside."
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
    "settings.endpoint_form": QT_TRANSLATE_NOOP(
        "wording",
        "{name} is no web address; write one like https://huggingface.co, or leave the field empty.",
    ),
    "settings.endpoint_insecure": QT_TRANSLATE_NOOP(
        "wording",
        "Without https, others on the way to {host} can see and change what is fetched; use https.",
    ),
    "settings.token_form": QT_TRANSLATE_NOOP(
        "wording", "This is no token: it has blanks in it or is too long. Copy it again."
    ),
    "settings.no_keyring": QT_TRANSLATE_NOOP(
        "wording",
        "This system has no keyring that is safe to use, so no token is kept; HF_TOKEN still works.",
    ),
    "settings.token_not_kept": QT_TRANSLATE_NOOP(
        "wording",
        "The keyring did not take the token, so it is kept nowhere; unlock the keyring and try again.",
    ),
    "settings.token_not_forgotten": QT_TRANSLATE_NOOP(
        "wording",
        "The keyring did not give the token up, so it may still be there; unlock it and try again.",
    ),
    "settings.folder_is_main": QT_TRANSLATE_NOOP(
        "wording", "{folder} is where new models go, so it is looked through already."
    ),
    "settings.requests_kept": QT_TRANSLATE_NOOP(
        "wording",
        "The list of requests could not be removed; check the permissions of {folder}.",
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
    "export.cancelled": QT_TRANSLATE_NOOP(
        "wording", "The export was stopped; nothing was written."
    ),
    "export.nothing": QT_TRANSLATE_NOOP(
        "wording", "There is no chat in what was chosen, so nothing was written; choose another."
    ),
    "export.one_file": QT_TRANSLATE_NOOP(
        "wording",
        "These are {count} chats, and this format makes a file of each; export to a folder or a zip.",
    ),
    "export.all_chats": QT_TRANSLATE_NOOP("wording", "Chats"),
    "export.mirror_missing": QT_TRANSLATE_NOOP(
        "wording",
        "{folder}, where a Markdown copy of chats is kept, is not there; the copy waits until it is.",
    ),
    "export.mirror_edited": QT_TRANSLATE_NOOP(
        "wording",
        "{file} in {folder} was changed outside Moestro and is left alone; rename it to get a new copy.",
    ),
    "export.mirror_twice": QT_TRANSLATE_NOOP(
        "wording", "A Markdown copy is kept in {folder} already; choose another folder."
    ),
    "export.mirror_inside": QT_TRANSLATE_NOOP(
        "wording", "{folder} belongs to the data of Moestro; choose a folder outside of it."
    ),
    "export.mirror_lost": QT_TRANSLATE_NOOP(
        "wording",
        "The chats of {count} files in {folder} are not in the history. The files stay; delete what you do not need.",
    ),
    "export.mirror_unreadable": QT_TRANSLATE_NOOP(
        "wording",
        "A Markdown copy stopped: {file} in {folder} cannot be read. Delete it; begin the copy again.",
    ),
    "export.mirror_no_folder": QT_TRANSLATE_NOOP(
        "wording",
        "The folder of chats that is copied to {folder} was deleted; the files stay as they are.",
    ),
    "export.nothing_yet": QT_TRANSLATE_NOOP(
        "wording", "There is no chat to take out yet; write a message first."
    ),
    "export.chat_empty": QT_TRANSLATE_NOOP(
        "wording",
        "The open chat has no messages yet, so there is nothing of it to export; choose something else.",
    ),
    "export.temporary": QT_TRANSLATE_NOOP(
        "wording",
        "A temporary chat is kept nowhere and cannot be exported; copy its messages instead.",
    ),
    "export.too_long_to_copy": QT_TRANSLATE_NOOP(
        "wording",
        "This is more than {size}, which no clipboard takes well; export it to a file instead.",
    ),
    "export.print_one": QT_TRANSLATE_NOOP(
        "wording", "One chat is printed at a time; choose one of them, or export all as PDF."
    ),
    "export.printed": QT_TRANSLATE_NOOP("wording", "All pages were handed to the printer."),
    "export.untitled": QT_TRANSLATE_NOOP("wording", "Chat"),
    "export.system_prompt": QT_TRANSLATE_NOOP("wording", "System prompt"),
    "export.user": QT_TRANSLATE_NOOP("wording", "You"),
    "export.assistant": QT_TRANSLATE_NOOP("wording", "Answer"),
    "export.reasoning": QT_TRANSLATE_NOOP("wording", "Reasoning"),
    "export.interrupted": QT_TRANSLATE_NOOP("wording", "This answer was interrupted."),
    "export.demo": QT_TRANSLATE_NOOP("wording", "demo model"),
    "export.attached": QT_TRANSLATE_NOOP("wording", "Attached: {name}"),
    "export.attached_part": QT_TRANSLATE_NOOP("wording", "Attached: {name} ({part})"),
    "export.version": QT_TRANSLATE_NOOP("wording", "version {number} of {count}"),
    "export.contents": QT_TRANSLATE_NOOP("wording", "Contents"),
    "export.task_done": QT_TRANSLATE_NOOP("wording", "done"),
    "export.task_open": QT_TRANSLATE_NOOP("wording", "to do"),
    "export.branch": QT_TRANSLATE_NOOP("wording", "Another branch ({number})"),
    "export.branch_after": QT_TRANSLATE_NOOP("wording", "It begins after: {title}"),
    "export.tokens": QT_TRANSLATE_NOOP("wording", "{count} tokens"),
    "export.speed": QT_TRANSLATE_NOOP("wording", "{speed:.1f} tokens/s"),
    "export.temperature": QT_TRANSLATE_NOOP("wording", "temperature {value:g}"),
    "export.seed": QT_TRANSLATE_NOOP("wording", "seed {seed}"),
    "export.page_number": QT_TRANSLATE_NOOP("wording", "{number} / {count}"),
    "export.printer_absent": QT_TRANSLATE_NOOP(
        "wording",
        "The program that makes the PDF of {title} did not start; export it as HTML instead.",
    ),
    "export.printer_died": QT_TRANSLATE_NOOP(
        "wording",
        "The pages of {title} were not finished, their program ended; try again or export as HTML.",
    ),
    "export.printer_hung": QT_TRANSLATE_NOOP(
        "wording",
        "The pages of {title} took too long without any progress; try again or export as HTML.",
    ),
    "export.printer_damaged": QT_TRANSLATE_NOOP(
        "wording",
        "The PDF of {title} came out damaged, so it was not saved; try again or export as HTML.",
    ),
    "export.not_printed": QT_TRANSLATE_NOOP(
        "wording", "The printer did not take {title}; check that it is on, or export as PDF."
    ),
    # --- import ----------------------------------------------------------------------------
    "import.broken_json": QT_TRANSLATE_NOOP(
        "wording", "{where} cannot be read from here on: it is no proper JSON, or it was cut off."
    ),
    "import.too_large": QT_TRANSLATE_NOOP(
        "wording", "{where} is larger than one chat can be, so it was left out."
    ),
    "import.too_deep": QT_TRANSLATE_NOOP(
        "wording", "{where} is nested deeper than a chat can be, so it was left out."
    ),
    "import.duplicate_messages": QT_TRANSLATE_NOOP(
        "wording", "{where}: {count} messages were there twice; each is taken over once."
    ),
    "import.circles": QT_TRANSLATE_NOOP(
        "wording", "{where}: messages answered each other in {count} circles, which were cut open."
    ),
    "import.field_damaged": QT_TRANSLATE_NOOP(
        "wording", "{where}: its {key} makes no sense and was left out."
    ),
    "import.messages_damaged": QT_TRANSLATE_NOOP(
        "wording",
        "{where}: {count} messages or files were damaged; of them only their text came, or nothing.",
    ),
    "import.no_file": QT_TRANSLATE_NOOP(
        "wording", "{where}: {count} attached files are not in the source and were left out."
    ),
    "import.no_picture": QT_TRANSLATE_NOOP(
        "wording", "The picture {where} cannot be shown to a model; only its name came along."
    ),
    "import.cancelled": QT_TRANSLATE_NOOP(
        "wording", "The import was cancelled; nothing was taken over."
    ),
    "import.hung": QT_TRANSLATE_NOOP(
        "wording", "Reading the files took too long and was ended; nothing was taken over."
    ),
    "import.helper_died": QT_TRANSLATE_NOOP(
        "wording", "Reading the files broke off; nothing was taken over. Try them one by one."
    ),
    "import.no_memory": QT_TRANSLATE_NOOP(
        "wording", "The files need more memory than an import may take; nothing was taken over."
    ),
    "import.no_room": QT_TRANSLATE_NOOP(
        "wording", "There is no room to read the files aside; free some space and import again."
    ),
    "import.unexpected": QT_TRANSLATE_NOOP(
        "wording",
        "The import met something unexpected; nothing was taken over, and the log tells more.",
    ),
    "import.window_open": QT_TRANSLATE_NOOP(
        "wording", "A window of Moestro uses this data folder; close it first, or import there."
    ),
    "import.reading": QT_TRANSLATE_NOOP("wording", "Reading: {count} messages"),
    "import.taking": QT_TRANSLATE_NOOP("wording", "Taking over: {done} of {total} chats"),
    "import.would_come": QT_TRANSLATE_NOOP(
        "wording", "{count} chats with {messages} new messages would be taken over."
    ),
    "import.came": QT_TRANSLATE_NOOP(
        "wording", "{count} chats with {messages} new messages were taken over."
    ),
    "import.backup_kept": QT_TRANSLATE_NOOP(
        "wording", "How it was before is in the backup {name}."
    ),
    "import.cannot_open": QT_TRANSLATE_NOOP(
        "wording", "{where} cannot be opened; check that it is there and that you may read it."
    ),
    "import.cannot_read": QT_TRANSLATE_NOOP(
        "wording", "{where} could not be read to its end; check its disk, then import it again."
    ),
    "import.no_chats": QT_TRANSLATE_NOOP(
        "wording", "{where} holds no chats in a layout that Moestro knows."
    ),
    "import.no_chat_here": QT_TRANSLATE_NOOP(
        "wording", "{where} is no chat in a layout that Moestro knows, so it was left out."
    ),
    "import.no_message": QT_TRANSLATE_NOOP("wording", "{where} is no message, so it was left out."),
    "import.empty_chat": QT_TRANSLATE_NOOP(
        "wording", "{where} has no messages, so there was nothing to take over."
    ),
    "import.misplaced": QT_TRANSLATE_NOOP(
        "wording", "{where}: {count} messages had lost their place and begin branches of their own."
    ),
    "import.names_only": QT_TRANSLATE_NOOP(
        "wording",
        "{where}: {count} attached files come along as names only; their content is not in the source.",
    ),
    "import.damaged_chat": QT_TRANSLATE_NOOP(
        "wording", "{where} is damaged or cut off; what comes before the damage is taken over."
    ),
    "import.newer_chat": QT_TRANSLATE_NOOP(
        "wording", "{where} was written by a newer version of its program than Moestro can read."
    ),
    "import.damaged_zip": QT_TRANSLATE_NOOP(
        "wording", "{where} is a damaged or unusual zip; export or pack it again."
    ),
    "import.locked_zip": QT_TRANSLATE_NOOP(
        "wording", "{where} is locked with a password; unpack it yourself and import the folder."
    ),
    "import.zip_bomb": QT_TRANSLATE_NOOP(
        "wording", "{where} would unpack to far more than chats can be, so it was not read."
    ),
    "import.too_many_files": QT_TRANSLATE_NOOP(
        "wording",
        "{where} holds more files than chats can have; choose the folder of the chats itself.",
    ),
    "import.twice": QT_TRANSLATE_NOOP("wording", "{where} is there twice; it is taken over once."),
    "import.unknown_source": QT_TRANSLATE_NOOP(
        "wording", "Moestro does not recognise {where}; say which program it comes from."
    ),
    "import.passed_over": QT_TRANSLATE_NOOP(
        "wording", "{where}: {count} files in it are no chats in a layout that Moestro knows."
    ),
    "import.nothing_read": QT_TRANSLATE_NOOP(
        "wording", "None of the {count} files could be read; name one alone to hear why."
    ),
    "import.project": QT_TRANSLATE_NOOP("wording", "Project {id}"),
    "import.tool_call": QT_TRANSLATE_NOOP("wording", "**Tool called: {name}**"),
    "import.tool_answer": QT_TRANSLATE_NOOP("wording", "**Tool answered: {name}**"),
    "import.unknown_piece": QT_TRANSLATE_NOOP("wording", "**Another kind of content: {name}**"),
    "import.source": QT_TRANSLATE_NOOP("wording", "**Source: {name}**"),
    "import.nameless_file": QT_TRANSLATE_NOOP("wording", "File {number}"),
    # --- engine builds ---------------------------------------------------------------------
    "builds.no_nvidia_driver": QT_TRANSLATE_NOOP(
        "wording",
        "No NVIDIA driver answers here; install it, check that nvidia-smi lists the card, then try again.",
    ),
    "builds.no_nvcc": QT_TRANSLATE_NOOP(
        "wording",
        "NVIDIA's compiler nvcc is missing; install the CUDA toolkit (Debian: nvidia-cuda-toolkit), then try again.",
    ),
    "builds.wrong_nvcc": QT_TRANSLATE_NOOP(
        "wording",
        "CUDA toolkit {version} cannot build for {description}; install one that can, then try again.",
    ),
    "builds.no_cublas": QT_TRANSLATE_NOOP(
        "wording",
        "CUDA toolkit {version} lacks cuBLAS; install the whole toolkit with its libraries, then try again.",
    ),
    "builds.no_vulkan_tools": QT_TRANSLATE_NOOP(
        "wording",
        "Building for Vulkan needs more; install these (as Debian names them), then try again: {part}",
    ),
    "builds.old_vulkan": QT_TRANSLATE_NOOP(
        "wording",
        "Vulkan's headers {version} are too old, as Debian 12's are; install the Vulkan SDK 1.3.272 or newer, then try again.",
    ),
    "builds.not_apple": QT_TRANSLATE_NOOP(
        "wording", "Metal is for Macs with Apple silicon; choose CUDA or Vulkan on this computer."
    ),
    "builds.no_device": QT_TRANSLATE_NOOP(
        "wording",
        "The {backend} engine was tried and found no graphics card; check the driver. The ordinary engine stays in use.",
    ),
    "builds.trial_ended": QT_TRANSLATE_NOOP(
        "wording",
        "The {backend} engine was tried and could not compute; update the driver. The ordinary engine stays in use.",
    ),
    "builds.unused": QT_TRANSLATE_NOOP(
        "wording",
        "{description} is not used yet; build the {backend} engine for it, 5–20 minutes, once.",
    ),
    "builds.outdated": QT_TRANSLATE_NOOP(
        "wording",
        "The {backend} engine was made for an earlier version or another computer; build it again.",
    ),
    "builds.set_aside": QT_TRANSLATE_NOOP(
        "wording",
        "The {backend} engine could not start, so models run on the processor; check the graphics driver.",
    ),
    "builds.not_here": QT_TRANSLATE_NOOP(
        "wording",
        "An engine can only be built where Moestro runs from its source; the README says how.",
    ),
    "builds.busy": QT_TRANSLATE_NOOP(
        "wording", "An engine is being built already; wait for it or stop it first."
    ),
    "builds.stopped": QT_TRANSLATE_NOOP(
        "wording", "Building was stopped; started again, it goes on from there."
    ),
    "builds.ended": QT_TRANSLATE_NOOP(
        "wording",
        "Building the {backend} engine ended unexpectedly; start it again, it goes on from there.",
    ),
    "builds.phase_examine": QT_TRANSLATE_NOOP("wording", "Looking at what is here"),
    "builds.phase_download": QT_TRANSLATE_NOOP("wording", "Fetching the engine's source"),
    "builds.phase_build": QT_TRANSLATE_NOOP("wording", "Building the engine for this GPU"),
    "builds.phase_install": QT_TRANSLATE_NOOP("wording", "Installing the engine"),
    "builds.phase_try": QT_TRANSLATE_NOOP("wording", "Trying the engine"),
    "builds.done": QT_TRANSLATE_NOOP(
        "wording", "The engine for the GPU works; the next model that is loaded uses it."
    ),
    "builds.told": QT_TRANSLATE_NOOP("wording", "{problem}"),
    # --- terminal --------------------------------------------------------------------------
    "terminal.help_rpc_worker": QT_TRANSLATE_NOOP(
        "wording", "let another computer use the devices of this one (insecure)"
    ),
    "terminal.help_rpc_bind": QT_TRANSLATE_NOOP(
        "wording", "where to listen, such as 127.0.0.1:50052; port 0 takes a free one"
    ),
    "terminal.help_rpc_allow_network": QT_TRANSLATE_NOOP(
        "wording", "allow an address that other computers can reach"
    ),
    "terminal.rpc_listening": QT_TRANSLATE_NOOP(
        "wording",
        "Serving {devices} at {host}. This is insecure: for trusted networks only.",
    ),
    "terminal.rpc_stopped": QT_TRANSLATE_NOOP("wording", "Stopped serving."),
    "terminal.rpc_not_bindable": QT_TRANSLATE_NOOP(
        "wording",
        "{host} is no place to listen; write an IPv4 address of this computer and a port.",
    ),
    "terminal.rpc_network": QT_TRANSLATE_NOOP(
        "wording",
        "{host} can be reached by other computers and RPC is insecure; add --allow-network if you trust them all.",
    ),
    "terminal.rpc_taken": QT_TRANSLATE_NOOP(
        "wording",
        "{host} cannot be listened at; another program has this port or the address is not here. Choose another.",
    ),
    "terminal.help_plan": QT_TRANSLATE_NOOP(
        "wording", "Say where every part of a model would sit and how fast it would answer"
    ),
    "terminal.help_plan_file": QT_TRANSLATE_NOOP(
        "wording", "A GGUF file, or the name of an installed model"
    ),
    "terminal.help_budget": QT_TRANSLATE_NOOP(
        "wording", "What a device may give, in MiB; may be repeated"
    ),
    "terminal.help_machine": QT_TRANSLATE_NOOP(
        "wording", "Plan for the machine that this JSON file describes"
    ),
    "terminal.stub_not_written": QT_TRANSLATE_NOOP(
        "wording",
        "A stub of {name} cannot be written to the temporary folder; plan without --stub.",
    ),
    "terminal.help_stub": QT_TRANSLATE_NOOP(
        "wording", "Ask the engine with the file's header alone"
    ),
    "terminal.help_from_disk": QT_TRANSLATE_NOOP(
        "wording", "Run even what memory cannot hold, reading from the disk; very slow"
    ),
    "terminal.help_rpc": QT_TRANSLATE_NOOP(
        "wording",
        "Use the devices of a moestro rpc-worker too; insecure, for trusted networks only",
    ),
    "terminal.rpc_warning": QT_TRANSLATE_NOOP(
        "wording", "{name} computes too: what you write crosses the network unprotected."
    ),
    "terminal.not_budget": QT_TRANSLATE_NOOP("wording", "Write it as NAME=MIB, such as CUDA0=6000"),
    "terminal.measuring": QT_TRANSLATE_NOOP(
        "wording", "Measuring this computer, once: {percent} %"
    ),
    "terminal.plan_prompt": QT_TRANSLATE_NOOP(
        "wording", "It reads prompts at about {speed} tokens/s."
    ),
    "terminal.plan_smaller": QT_TRANSLATE_NOOP(
        "wording",
        "This file has {whole} GB; a quantization of at most {size} GB would fit.",
    ),
    "terminal.plan_no_smaller": QT_TRANSLATE_NOOP(
        "wording", "No useful quantization of it would fit here; choose a smaller model."
    ),
    "terminal.plan_context": QT_TRANSLATE_NOOP(
        "wording", "Context: {count} tokens; at most {longest} with the attention where it is."
    ),
    "terminal.plan_context_longest": QT_TRANSLATE_NOOP(
        "wording", "Context: {count} tokens, the longest for this plan."
    ),
    "terminal.plan_longer": QT_TRANSLATE_NOOP(
        "wording",
        "With --context {count}: {layers} of {total} expert layers on the GPU, {percent} % slower.",
    ),
    "terminal.plan_longer_slower": QT_TRANSLATE_NOOP(
        "wording", "With --context {count}: {percent} % slower."
    ),
    "terminal.plan_next": QT_TRANSLATE_NOOP(
        "wording", "To talk to it: ask --model {name} with your question in quotes."
    ),
    "terminal.plan_next_disk": QT_TRANSLATE_NOOP(
        "wording", "To run it from the disk all the same: ask --from-disk --model {name}."
    ),
    "terminal.plan_kv": QT_TRANSLATE_NOOP(
        "wording", "To make room the KV cache is kept as {kv_type}, which costs hardly any quality."
    ),
    "terminal.plan_ubatch": QT_TRANSLATE_NOOP(
        "wording", "To make room prompts are read in pieces of {count} tokens, a little slower."
    ),
    "terminal.plan_device": QT_TRANSLATE_NOOP(
        "wording",
        "{name}: {used} of {budget}; weights {weights}, KV cache {cache}, working memory {compute}.",
    ),
    "terminal.plan_idle": QT_TRANSLATE_NOOP(
        "wording", "{name}: not used; its {budget} would not make this faster."
    ),
    "terminal.plan_full": QT_TRANSLATE_NOOP("wording", "{name}: not used; it has no memory free."),
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
    "terminal.help_file": QT_TRANSLATE_NOOP(
        "wording", "give a file too; PART is pages, lines, a heading, or the word relevant"
    ),
    "terminal.reading_file": QT_TRANSLATE_NOOP(
        "wording", "Reading {name}: {done} of {total} pages"
    ),
    "terminal.reading_stdin": QT_TRANSLATE_NOOP(
        "wording", "Reading what is piped in, until it ends"
    ),
    "terminal.help_question": QT_TRANSLATE_NOOP(
        "wording", "the question, in quotes; without it, what is piped in is the question"
    ),
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
    "terminal.help_conversations_trash": QT_TRANSLATE_NOOP(
        "wording", "list what is in the trash, and until when, instead"
    ),
    "terminal.help_conversations_sort": QT_TRANSLATE_NOOP("wording", "in this order"),
    "terminal.help_conversations_show": QT_TRANSLATE_NOOP("wording", "print one as Markdown"),
    "terminal.help_conversations_search": QT_TRANSLATE_NOOP(
        "wording", "find words in titles, messages, reasoning and files"
    ),
    "terminal.help_conversations_delete": QT_TRANSLATE_NOOP(
        "wording", "move some into the trash, where they stay for 30 days"
    ),
    "terminal.help_conversations_restore": QT_TRANSLATE_NOOP(
        "wording", "bring things back from the trash, by the ids that list --trash prints"
    ),
    "terminal.help_search_text": QT_TRANSLATE_NOOP(
        "wording", "words, “exact phrases” in double quotes, beginn*; after --, also -without"
    ),
    "terminal.help_search_model": QT_TRANSLATE_NOOP("wording", "of one model, by its model key"),
    "terminal.help_search_since": QT_TRANSLATE_NOOP(
        "wording", "written on this day (UTC) or later, as 2026-01-31"
    ),
    "terminal.help_search_until": QT_TRANSLATE_NOOP("wording", "written before this day (UTC)"),
    "terminal.help_search_role": QT_TRANSLATE_NOOP("wording", "written by the user, or the model"),
    "terminal.help_search_limit": QT_TRANSLATE_NOOP("wording", "print at most N conversations"),
    "terminal.help_folder": QT_TRANSLATE_NOOP(
        "wording", 'in the folder with this name or id; "" for those in none'
    ),
    "terminal.no_folder": QT_TRANSLATE_NOOP(
        "wording", "There is no folder {name}; its name must be written as the window shows it."
    ),
    "terminal.not_day": QT_TRANSLATE_NOOP("wording", "Give a day like 2026-01-31"),
    "terminal.help_data": QT_TRANSLATE_NOOP("wording", "the data folder"),
    "terminal.help_data_move": QT_TRANSLATE_NOOP(
        "wording", "move everything but the models to another folder or disk"
    ),
    "terminal.help_data_target": QT_TRANSLATE_NOOP("wording", "a new or empty folder"),
    "terminal.help_backup": QT_TRANSLATE_NOOP("wording", "backups of the history"),
    "terminal.help_backup_create": QT_TRANSLATE_NOOP("wording", "make one now"),
    "terminal.help_backup_output": QT_TRANSLATE_NOOP(
        "wording", "put history and settings into this one file instead (.zip)"
    ),
    "terminal.help_backup_list": QT_TRANSLATE_NOOP(
        "wording", "list them and what they hold, newest first"
    ),
    "terminal.help_backup_verify": QT_TRANSLATE_NOOP(
        "wording", "check every page of one, or of all"
    ),
    "terminal.help_backup_name": QT_TRANSLATE_NOOP(
        "wording", "its name or number, “newest”, or a .zip made by create --output"
    ),
    "terminal.help_backup_restore": QT_TRANSLATE_NOOP(
        "wording", "put one into use; the history now is backed up first"
    ),
    "terminal.help_backup_salvage": QT_TRANSLATE_NOOP(
        "wording", "save what can be read of a damaged history as a backup"
    ),
    "terminal.help_backup_damaged": QT_TRANSLATE_NOOP("wording", "the damaged file"),
    "terminal.help_backup_erase": QT_TRANSLATE_NOOP(
        "wording", "delete everything in the data folder for ever"
    ),
    "terminal.help_backup_yes": QT_TRANSLATE_NOOP("wording", "yes, delete it"),
    "terminal.help_backup_models": QT_TRANSLATE_NOOP("wording", "the downloaded models too"),
    "terminal.backup_holds": QT_TRANSLATE_NOOP(
        "wording", "{conversations} chats, {messages} messages, {trashed} in the trash"
    ),
    "terminal.backup_damaged": QT_TRANSLATE_NOOP("wording", "Damaged"),
    "terminal.backup_sound": QT_TRANSLATE_NOOP("wording", "Sound"),
    "terminal.help_models": QT_TRANSLATE_NOOP("wording", "the models on this computer"),
    "terminal.help_models_list": QT_TRANSLATE_NOOP("wording", "list them, the one last used first"),
    "terminal.help_models_search": QT_TRANSLATE_NOOP("wording", "find GGUF models on the Hub"),
    "terminal.help_models_show": QT_TRANSLATE_NOOP(
        "wording", "tell which quantizations of a repository run here"
    ),
    "terminal.help_models_pull": QT_TRANSLATE_NOOP(
        "wording", "download a model; after a break it goes on where it was"
    ),
    "terminal.help_models_import": QT_TRANSLATE_NOOP(
        "wording", "add models that are on this computer"
    ),
    "terminal.help_models_discover": QT_TRANSLATE_NOOP(
        "wording", "list what other programs have on this computer"
    ),
    "terminal.help_models_remove": QT_TRANSLATE_NOOP(
        "wording", "take a model off the list, and our files to the trash"
    ),
    "terminal.help_models_verify": QT_TRANSLATE_NOOP("wording", "check a model, or all of them"),
    "terminal.help_query": QT_TRANSLATE_NOOP("wording", "words in the names of repositories"),
    "terminal.help_repository": QT_TRANSLATE_NOOP(
        "wording", "OWNER/NAME, or an address of the Hub"
    ),
    "terminal.help_chosen": QT_TRANSLATE_NOOP(
        "wording", "OWNER/NAME; without QUANT the recommended one"
    ),
    "terminal.help_to": QT_TRANSLATE_NOOP("wording", "put it below this folder"),
    "terminal.help_paths": QT_TRANSLATE_NOOP("wording", "a GGUF file, or a folder with some"),
    "terminal.help_leave": QT_TRANSLATE_NOOP(
        "wording", "use the files where they are (the default)"
    ),
    "terminal.help_copy": QT_TRANSLATE_NOOP("wording", "copy them into the library"),
    "terminal.help_link": QT_TRANSLATE_NOOP(
        "wording", "give them a second name in the library, on the same disk"
    ),
    "terminal.help_move": QT_TRANSLATE_NOOP("wording", "move them into the library"),
    "terminal.help_from_programs": QT_TRANSLATE_NOOP(
        "wording", "use in place what other programs have"
    ),
    "terminal.help_name": QT_TRANSLATE_NOOP("wording", "an installed model"),
    "terminal.help_endpoint": QT_TRANSLATE_NOOP(
        "wording", "another address of the Hub, such as a mirror"
    ),
    "terminal.help_offline": QT_TRANSLATE_NOOP("wording", "make no request to the network"),
    "terminal.not_endpoint": QT_TRANSLATE_NOOP(
        "wording", "{name} is no address of a Hub; write it as https://huggingface.co."
    ),
    "terminal.not_repository": QT_TRANSLATE_NOOP(
        "wording", "{name} names no repository; write it as OWNER/NAME or OWNER/NAME:Q4_K_M."
    ),
    "terminal.plain_http": QT_TRANSLATE_NOOP(
        "wording",
        "{host} is asked without encryption: others on the way can read and change what is sent.",
    ),
    "terminal.judging": QT_TRANSLATE_NOOP(
        "wording", "Reading headers of {name}: {done} of {total}"
    ),
    "terminal.nothing_fits": QT_TRANSLATE_NOOP(
        "wording",
        "Nothing of this model runs on this computer; to get it all the same, pull {example}.",
    ),
    "terminal.gated_mark": QT_TRANSLATE_NOOP("wording", "Gated"),
    "terminal.no_licence": QT_TRANSLATE_NOOP("wording", "Licence not stated"),
    "terminal.up_to": QT_TRANSLATE_NOOP("wording", "Up to {tokens} tokens"),
    "terminal.pulled": QT_TRANSLATE_NOOP("wording", "{name} is verified and ready in {folder}."),
    "terminal.here_already": QT_TRANSLATE_NOOP(
        "wording", "{name} is here and verified already, in {folder}."
    ),
    "terminal.pull_checking": QT_TRANSLATE_NOOP(
        "wording", "{name}: checking what is here already of {size}"
    ),
    "terminal.pulling": QT_TRANSLATE_NOOP("wording", "{name}: {done} of {size}"),
    "terminal.pulling_fast": QT_TRANSLATE_NOOP(
        "wording", "{name}: {done} of {size}, {speed} per second, about {count} min left"
    ),
    "terminal.import_what": QT_TRANSLATE_NOOP(
        "wording", "Give files or folders to add, or --from-programs alone."
    ),
    "terminal.adding": QT_TRANSLATE_NOOP("wording", "Adding {name}: {number} of {count}"),
    "terminal.adding_bytes": QT_TRANSLATE_NOOP("wording", "Adding {name}: {done} of {size}"),
    "terminal.added": QT_TRANSLATE_NOOP("wording", "{name} was added, in {folder}."),
    "terminal.duplicate": QT_TRANSLATE_NOOP(
        "wording", "{name} is in your library already, from {folder}."
    ),
    "terminal.discovered": QT_TRANSLATE_NOOP(
        "wording", "To use them where they are: models import --from-programs"
    ),
    "terminal.state_ready": QT_TRANSLATE_NOOP("wording", "Ready"),
    "terminal.state_damaged": QT_TRANSLATE_NOOP("wording", "Damaged"),
    "terminal.state_changed": QT_TRANSLATE_NOOP("wording", "Changed; checked before its next use"),
    "terminal.state_incomplete": QT_TRANSLATE_NOOP("wording", "Files are missing"),
    "terminal.state_absent": QT_TRANSLATE_NOOP("wording", "Not here"),
    "terminal.verifying": QT_TRANSLATE_NOOP("wording", "Verifying {name}: {percent} %"),
    "terminal.sound_published": QT_TRANSLATE_NOOP(
        "wording", "{name}: every byte is as it was published."
    ),
    "terminal.sound_added": QT_TRANSLATE_NOOP(
        "wording", "{name}: every byte is as it was when it was added."
    ),
    "terminal.sound_structural": QT_TRANSLATE_NOOP(
        "wording", "{name}: nothing is missing; there is no checksum to compare it with."
    ),
    "terminal.trashed": QT_TRANSLATE_NOOP(
        "wording", "{name} is in the trash; emptying it frees {size}."
    ),
    "terminal.forgotten": QT_TRANSLATE_NOOP(
        "wording", "{name} is off the list; its files stay where they are."
    ),
    "terminal.help_models_move": QT_TRANSLATE_NOOP(
        "wording", "give the library another folder, with its models"
    ),
    "terminal.help_move_folder": QT_TRANSLATE_NOOP(
        "wording", "an empty or new folder, on any drive"
    ),
    "terminal.help_with_projector": QT_TRANSLATE_NOOP(
        "wording", "fetch the projector too, so that the model sees images"
    ),
    "terminal.projector_left": QT_TRANSLATE_NOOP(
        "wording",
        "{name} ({size}) is a projector: with --with-projector it is fetched too, and the model sees images.",
    ),
    "terminal.move_copying": QT_TRANSLATE_NOOP(
        "wording", "Copying {name}, file {number} of {count}: {percent} %"
    ),
    "terminal.move_verifying": QT_TRANSLATE_NOOP(
        "wording", "Reading the copy of {name}, file {number} of {count}: {percent} %"
    ),
    "terminal.move_tidying": QT_TRANSLATE_NOOP("wording", "Removing the old files"),
    "terminal.moved": QT_TRANSLATE_NOOP(
        "wording", "The library is in {folder} now; {count} models were moved, {size}."
    ),
    "terminal.move_kept": QT_TRANSLATE_NOOP(
        "wording",
        "{count} old files in {folder} cannot be removed yet; the next start tries again.",
    ),
    "terminal.summarising": QT_TRANSLATE_NOOP("wording", "Summarising what no longer fits…"),
    "terminal.help_conversation": QT_TRANSLATE_NOOP(
        "wording", "go on with this conversation; its id is printed by --json"
    ),
    "terminal.system_of_conversation": QT_TRANSLATE_NOOP(
        "wording", "This conversation has its system prompt already; leave out --system."
    ),
    "terminal.help_import": QT_TRANSLATE_NOOP(
        "wording", "take over chats from other programs, or from a JSON export"
    ),
    "terminal.help_import_files": QT_TRANSLATE_NOOP("wording", "a file or folder with chats"),
    "terminal.help_import_from": QT_TRANSLATE_NOOP(
        "wording", "which program wrote it; auto recognises it"
    ),
    "terminal.help_import_dry_run": QT_TRANSLATE_NOOP(
        "wording", "only say what would be taken over"
    ),
    "terminal.import_new": QT_TRANSLATE_NOOP("wording", "{total} messages, new"),
    "terminal.import_grown": QT_TRANSLATE_NOOP("wording", "{count} of {total} messages are new"),
    "terminal.import_filled": QT_TRANSLATE_NOOP(
        "wording", "{count} attached files get their content"
    ),
    "terminal.import_here": QT_TRANSLATE_NOOP("wording", "{total} messages, all here already"),
    "terminal.import_trashed": QT_TRANSLATE_NOOP(
        "wording", "{total} messages; it lies in the trash and stays there"
    ),
    "terminal.help_export": QT_TRANSLATE_NOOP(
        "wording", "print conversations, or save them as files"
    ),
    "terminal.help_output": QT_TRANSLATE_NOOP(
        "wording", "write to this file, or to files in this folder, instead of printing"
    ),
    "terminal.help_export_all": QT_TRANSLATE_NOOP("wording", "everything outside the trash"),
    "terminal.help_export_one": QT_TRANSLATE_NOOP(
        "wording", "the conversation with this id; may be given several times"
    ),
    "terminal.help_export_branch": QT_TRANSLATE_NOOP(
        "wording", "with one --conversation: the branch that ends in this message"
    ),
    "terminal.help_export_search": QT_TRANSLATE_NOOP(
        "wording", "every conversation in which this is found"
    ),
    "terminal.help_export_zip": QT_TRANSLATE_NOOP(
        "wording", "one zip of files instead of a folder"
    ),
    "terminal.help_export_overwrite": QT_TRANSLATE_NOOP(
        "wording", "replace files that have the same name"
    ),
    "terminal.help_export_system": QT_TRANSLATE_NOOP("wording", "without system prompts"),
    "terminal.help_export_reasoning": QT_TRANSLATE_NOOP(
        "wording", "without the reasoning of answers"
    ),
    "terminal.help_export_branches": QT_TRANSLATE_NOOP(
        "wording", "with other versions of messages, and what follows them"
    ),
    "terminal.help_export_attachments": QT_TRANSLATE_NOOP(
        "wording", "only the names of attached files"
    ),
    "terminal.help_export_statistics": QT_TRANSLATE_NOOP(
        "wording", "without sampling, token counts and speed; names of models stay as headings"
    ),
    "terminal.help_export_dates": QT_TRANSLATE_NOOP("wording", "without dates and times"),
    "terminal.help_export_paper": QT_TRANSLATE_NOOP("wording", "size of the pages of PDF and Word"),
    "terminal.export_where": QT_TRANSLATE_NOOP(
        "wording", "{name} is not for a terminal, and several files need a place: give --output."
    ),
    "terminal.export_branch": QT_TRANSLATE_NOOP(
        "wording", "--branch needs exactly one --conversation; give that conversation’s id too."
    ),
    "terminal.exporting": QT_TRANSLATE_NOOP(
        "wording", "{done} of {total} conversations, {messages} messages"
    ),
    "terminal.exported": QT_TRANSLATE_NOOP(
        "wording", "{count} conversations were written to {path}."
    ),
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
    "chat.only_thought": QT_TRANSLATE_NOOP(
        "wording", "The model thought and then gave no answer; try again, or ask it differently."
    ),
    "chat.only_thought_long": QT_TRANSLATE_NOOP(
        "wording",
        "Thinking used up the longest length, so there is no answer; allow a longer one and try again.",
    ),
    "chat.no_words": QT_TRANSLATE_NOOP(
        "wording", "The model ended without a word; try again, or ask it differently."
    ),
    "chat.context_full": QT_TRANSLATE_NOOP(
        "wording",
        "{tokens} tokens do not fit into a context of {context}; make it longer, leave messages out, or summarise.",
    ),
    "chat.summary_heading": QT_TRANSLATE_NOOP("wording", "Summary of the conversation so far:"),
    "chat.summary_request": QT_TRANSLATE_NOOP(
        "wording",
        "Summarise this conversation for yourself: facts, names, decisions and open questions. Write the summary only.",
    ),
    "chat.summary_put_off": QT_TRANSLATE_NOOP(
        "wording", "The summary was put off for your message; ask for it again after the answer."
    ),
    "chat.prompt_unloaded": QT_TRANSLATE_NOOP(
        "wording", "A prompt is written by the model's own template; load a model and look again."
    ),
    "chat.no_summary": QT_TRANSLATE_NOOP(
        "wording", "The model wrote no summary; try again, or leave messages out instead."
    ),
    # --- rehearsal -------------------------------------------------------------------------
    "placement.rehearsal_file": QT_TRANSLATE_NOOP(
        "wording", "A file of {name} is not there any more; choose the model again."
    ),
    "placement.rehearsal_model": QT_TRANSLATE_NOOP(
        "wording",
        "The engine would not build {name} this way, so its memory is estimated with a wider margin.",
    ),
    "placement.rehearsal_context": QT_TRANSLATE_NOOP(
        "wording",
        "The engine would not make a window of {context} tokens for {name}; choose another or another KV type.",
    ),
    "placement.rehearsal_stand_in": QT_TRANSLATE_NOOP(
        "wording",
        "No stand-in for {device} could be started, so this plan's memory is estimated with a wider margin.",
    ),
    "placement.rehearsal_died": QT_TRANSLATE_NOOP(
        "wording",
        "The engine stopped while it worked out this plan's memory, so it is estimated with a wider margin.",
    ),
    "placement.rehearsal_unread": QT_TRANSLATE_NOOP(
        "wording",
        "The engine's figures for this plan make no sense, so its memory is estimated with a wider margin.",
    ),
    # --- placements ---------------------------------------------------------------------------
    "placement.ram": QT_TRANSLATE_NOOP("wording", "RAM"),
    "placement.numbered": QT_TRANSLATE_NOOP("wording", "{name} #{number}"),
    "placement.too_large": QT_TRANSLATE_NOOP(
        "wording",
        "{name} needs {needed} GiB and this computer can give {free}; take a smaller one, or run it from disk.",
    ),
    "placement.never_fits": QT_TRANSLATE_NOOP(
        "wording",
        "No plan for {name} kept to its limits in llama.cpp's own count; memory is estimated instead.",
    ),
    "placement.repair_experts": QT_TRANSLATE_NOOP(
        "wording",
        "{device} ran out of memory, so {count} more expert layers moved to RAM; answers are about {percent} % slower.",
    ),
    "placement.repair_ubatch": QT_TRANSLATE_NOOP(
        "wording",
        "{device} ran out of memory, so prompts are read in pieces of {count} tokens, a little slower.",
    ),
    "placement.repair_kv": QT_TRANSLATE_NOOP(
        "wording", "{device} ran out of memory, so the KV cache is kept with half the precision."
    ),
    "placement.repair_context": QT_TRANSLATE_NOOP(
        "wording", "{device} ran out of memory, so the context is {count} tokens long now."
    ),
    "placement.repair_processor": QT_TRANSLATE_NOOP(
        "wording",
        "{device} could not hold it, so the model runs on the processor; answers are about {percent} % slower.",
    ),
    "placement.asking": QT_TRANSLATE_NOOP("wording", "Asking the engine where everything fits…"),
    "placement.measuring": QT_TRANSLATE_NOOP(
        "wording",
        "Measuring how fast this computer is, about 10 s; the speed is a guess until then.",
    ),
    "placement.loading": QT_TRANSLATE_NOOP("wording", "Loading {name} with this plan…"),
    "placement.forgotten": QT_TRANSLATE_NOOP(
        "wording", "What was remembered for {name} is forgotten; it is planned afresh."
    ),
    "placement.copied": QT_TRANSLATE_NOOP("wording", "The llama-server command line was copied."),
    "placement.measure_later": QT_TRANSLATE_NOOP(
        "wording", "An answer is being written; measure when it is done."
    ),
    # --- the placement page ------------------------------------------------------------------
    "placement.sentence_gpu": QT_TRANSLATE_NOOP("wording", "The whole model is on the {where}."),
    "placement.sentence_shared_memory": QT_TRANSLATE_NOOP(
        "wording", "The whole model is in the memory that GPU and processor share."
    ),
    "placement.sentence_hybrid": QT_TRANSLATE_NOOP(
        "wording",
        "All attention and {count} of {total} expert layers on the {where}; experts of {number} layers in RAM.",
    ),
    "placement.sentence_hybrid_one": QT_TRANSLATE_NOOP(
        "wording",
        "All attention and {count} of {total} expert layers on the {where}; experts of 1 layer in RAM.",
    ),
    "placement.sentence_hybrid_none": QT_TRANSLATE_NOOP(
        "wording", "All attention on the {where}; the experts of all {total} layers in RAM."
    ),
    "placement.sentence_dense": QT_TRANSLATE_NOOP(
        "wording",
        "All attention and {count} of {total} feed-forward parts on the {where}; the other {number} in RAM.",
    ),
    "placement.sentence_dense_none": QT_TRANSLATE_NOOP(
        "wording",
        "All attention on the {where}; the feed-forward parts of all {total} layers in RAM.",
    ),
    "placement.sentence_layers": QT_TRANSLATE_NOOP(
        "wording", "{count} of {total} layers on the {where}; everything else in RAM."
    ),
    "placement.sentence_layers_experts": QT_TRANSLATE_NOOP(
        "wording",
        "{count} of {total} layers on the {where}, {number} of them with their experts; all else in RAM.",
    ),
    "placement.sentence_cpu": QT_TRANSLATE_NOOP(
        "wording", "The whole model is in RAM and runs on the processor."
    ),
    "placement.sentence_too_large": QT_TRANSLATE_NOOP(
        "wording",
        "{name} needs {needed} more than this computer can give; from disk it runs, but slowly.",
    ),
    "placement.sentence_too_large_described": QT_TRANSLATE_NOOP(
        "wording",
        "{name} needs {needed} more than this machine would have; from disk it runs, but slowly.",
    ),
    "placement.speed_ram_bandwidth": QT_TRANSLATE_NOOP(
        "wording", "About {speed} tokens/s, limited by RAM bandwidth."
    ),
    "placement.speed_gpu_bandwidth": QT_TRANSLATE_NOOP(
        "wording", "About {speed} tokens/s, limited by the GPU's memory bandwidth."
    ),
    "placement.speed_link": QT_TRANSLATE_NOOP(
        "wording", "About {speed} tokens/s, limited by the way between RAM and GPU."
    ),
    "placement.speed_processor": QT_TRANSLATE_NOOP(
        "wording", "About {speed} tokens/s, limited by the processor."
    ),
    "placement.speed_gpu": QT_TRANSLATE_NOOP(
        "wording", "About {speed} tokens/s, limited by the GPU."
    ),
    "placement.speed_disk": QT_TRANSLATE_NOOP(
        "wording", "About {speed} tokens/s, limited by the disk."
    ),
    "placement.speed_not_measured": QT_TRANSLATE_NOOP(
        "wording",
        "The speed could not be measured: memory may be short. Close other programs and measure again.",
    ),
    "placement.speed_short": QT_TRANSLATE_NOOP("wording", "{speed} tok/s"),
    "placement.where_two": QT_TRANSLATE_NOOP("wording", "{device} and the {other}"),
    "placement.where_same": QT_TRANSLATE_NOOP("wording", "{count} × {device}"),
    "placement.where_many": QT_TRANSLATE_NOOP("wording", "{count} GPUs"),
    "placement.where_devices": QT_TRANSLATE_NOOP("wording", "{count} devices"),
    "placement.where_computer": QT_TRANSLATE_NOOP("wording", "computer {host}"),
    "placement.where_computers": QT_TRANSLATE_NOOP("wording", "{count} other computers"),
    "placement.place_gpu": QT_TRANSLATE_NOOP("wording", "All of it on {where}"),
    "placement.place_hybrid": QT_TRANSLATE_NOOP(
        "wording", "{count} of {total} expert layers on {where}, {number} in RAM"
    ),
    "placement.place_hybrid_none": QT_TRANSLATE_NOOP(
        "wording", "Experts in RAM, the rest on {where}"
    ),
    "placement.place_dense": QT_TRANSLATE_NOOP(
        "wording", "{count} of {total} feed-forward parts on {where}, {number} in RAM"
    ),
    "placement.place_layers": QT_TRANSLATE_NOOP(
        "wording", "{count} of {total} layers on {where}, {number} in RAM"
    ),
    "placement.place_cpu": QT_TRANSLATE_NOOP("wording", "Running on the processor"),
    "placement.place_too_large": QT_TRANSLATE_NOOP("wording", "Too large: {needed} are missing"),
    "placement.over_limit": QT_TRANSLATE_NOOP(
        "wording",
        "{needed} more than {device} may take; move experts to RAM or shorten the context.",
    ),
    "placement.over_ram": QT_TRANSLATE_NOOP(
        "wording",
        "{needed} more than RAM can give; a smaller quantization or a shorter context needs less.",
    ),
    "placement.simulated": QT_TRANSLATE_NOOP(
        "wording", "These figures come from llama.cpp itself."
    ),
    "placement.estimated": QT_TRANSLATE_NOOP(
        "wording", "These figures are estimated; llama.cpp could not be asked."
    ),
    "placement.described": QT_TRANSLATE_NOOP(
        "wording", "Planned for a described machine, not for this computer."
    ),
    "placement.no_gpu": QT_TRANSLATE_NOOP(
        "wording", "There is no GPU here, so the whole model is in RAM."
    ),
    "placement.nothing_moves": QT_TRANSLATE_NOOP(
        "wording", "This model has no parts that can move one by one."
    ),
    "placement.point_at_layer": QT_TRANSLATE_NOOP(
        "wording", "Point at a layer, or choose one with the arrow keys, to see what lies where."
    ),
    "placement.no_model": QT_TRANSLATE_NOOP(
        "wording", "No model is chosen. Choose one in the chat, then come back."
    ),
    # --- repositories ------------------------------------------------------------------------
    "repository.part_missing": QT_TRANSLATE_NOOP(
        "wording",
        "{name} is not complete: {count} of its parts are not there, part {number} first. Choose another file.",
    ),
    "repository.raw_split": QT_TRANSLATE_NOOP(
        "wording",
        "{name} was cut by an old tool and has to be joined by hand; choose another file.",
    ),
    "repository.too_large": QT_TRANSLATE_NOOP(
        "wording", "Needs {needed} more memory than there is; take a smaller one."
    ),
    "repository.no_stub": QT_TRANSLATE_NOOP(
        "wording",
        "No temporary file could be written, so memory is estimated by size; free some disk space.",
    ),
    "repository.why_native": QT_TRANSLATE_NOOP(
        "wording", "{name}: its makers published it in 4 bits, so nothing was lost."
    ),
    "repository.why_gpu": QT_TRANSLATE_NOOP(
        "wording", "{name}: the most bits, up to 6, with which all of it is on the GPU."
    ),
    "repository.why_four_bits": QT_TRANSLATE_NOOP(
        "wording", "{name}: the largest of 4 bits that fits; with fewer, answers get visibly worse."
    ),
    "repository.why_largest": QT_TRANSLATE_NOOP(
        "wording", "{name}: the largest of those that fit here."
    ),
    "repository.why_none_fits": QT_TRANSLATE_NOOP(
        "wording", "None of them fits here; {name} is the smallest."
    ),
    "repository.no_such": QT_TRANSLATE_NOOP("wording", "{model} has no {name}; it has {example}."),
    "repository.several": QT_TRANSLATE_NOOP(
        "wording", "Several files are called {name}; write the name of one, such as {example}."
    ),
    "repository.many_models": QT_TRANSLATE_NOOP(
        "wording", "{name} holds several models; add the name of a file, as in :{example}."
    ),
    "repository.no_projector": QT_TRANSLATE_NOOP(
        "wording", "{model} has no projector for {name}; leave out --with-projector."
    ),
    # --- keeping models ------------------------------------------------------------------------
    "library.damaged": QT_TRANSLATE_NOOP(
        "wording",
        "{name} is damaged: its content is not what it should be. Remove it, then get it again.",
    ),
    "library.changed": QT_TRANSLATE_NOOP(
        "wording", "{name} was changed since it was added, so it stays; verify the model first."
    ),
    "library.demo_stays": QT_TRANSLATE_NOOP(
        "wording", "{name} belongs to Moestro itself and stays; it takes little room."
    ),
    "library.no_trash": QT_TRANSLATE_NOOP(
        "wording", "The trash takes no files from {folder}; delete {name} there yourself."
    ),
    "library.is_link": QT_TRANSLATE_NOOP(
        "wording", "{name} is a link to another file; copy it, link it or use it where it is."
    ),
    "library.no_link": QT_TRANSLATE_NOOP(
        "wording", "{name} cannot be linked there: that takes one disk which knows links; copy it."
    ),
    "library.no_room": QT_TRANSLATE_NOOP(
        "wording",
        "{name} needs {needed} on the library's disk, and {free} may be used; free some space.",
    ),
    "library.folder_not_read": QT_TRANSLATE_NOOP(
        "wording", "{folder} could not be read to its end; add the folders in it one by one."
    ),
    "library.odd_name": QT_TRANSLATE_NOOP(
        "wording", "{name} has signs in its name that could deceive; rename the file, then add it."
    ),
    "library.nothing_found": QT_TRANSLATE_NOOP(
        "wording", "There is no GGUF model in {folder}; choose another folder."
    ),
    "library.not_added": QT_TRANSLATE_NOOP(
        "wording", "{name} could not be put into {folder}; check its permissions and its disk."
    ),
    "library.other_content": QT_TRANSLATE_NOOP(
        "wording",
        "{name} is in your library with other content: one of the two is damaged; verify it.",
    ),
    "library.of_program": QT_TRANSLATE_NOOP(
        "wording",
        "{name} belongs to {other}, which needs it there; copy it, link it or leave it in place.",
    ),
    "library.move_ask": QT_TRANSLATE_NOOP(
        "wording", "New models will go to {folder}. Move the {count} that are here too, {size}?"
    ),
    "library.move_copying": QT_TRANSLATE_NOOP(
        "wording", "Copying {name}, file {number} of {count}: {percent} %"
    ),
    "library.move_verifying": QT_TRANSLATE_NOOP(
        "wording", "Reading the copy of {name}, file {number} of {count}: {percent} %"
    ),
    "library.move_tidying": QT_TRANSLATE_NOOP("wording", "Removing the old files"),
    "library.move_empty": QT_TRANSLATE_NOOP("wording", "New models go to {folder} from now on."),
    "library.move_not_alone": QT_TRANSLATE_NOOP(
        "wording", "Moestro's window is open on these data; move the library there, or close it."
    ),
    "library.move_under_way": QT_TRANSLATE_NOOP(
        "wording", "The library is being moved or tidied up already; wait until that is done."
    ),
    "library.move_downloads": QT_TRANSLATE_NOOP(
        "wording", "Downloads run into the old folder; pause them, then move the library."
    ),
    "library.move_same": QT_TRANSLATE_NOOP(
        "wording", "{folder} is the library's folder already; choose another one."
    ),
    "library.move_inside": QT_TRANSLATE_NOOP(
        "wording", "{folder} and the library's folder lie in each other; choose one outside."
    ),
    "library.move_no_folder": QT_TRANSLATE_NOOP(
        "wording", "{folder} cannot be used: make the folder it lies in, or connect its drive."
    ),
    "library.move_not_empty": QT_TRANSLATE_NOOP(
        "wording", "{folder} holds other files; choose an empty folder, or a new one inside it."
    ),
    "library.move_no_room": QT_TRANSLATE_NOOP(
        "wording",
        "The library needs {needed} in {folder}, and {free} may be used; free some space there.",
    ),
    "library.move_copy_differs": QT_TRANSLATE_NOOP(
        "wording",
        "{name} came out different in {folder}: check that disk. Nothing was moved.",
    ),
    "library.move_not_written": QT_TRANSLATE_NOOP(
        "wording",
        "{folder} took no more: check its room, permissions and cable. Nothing was moved.",
    ),
    "library.move_stopped": QT_TRANSLATE_NOOP(
        "wording", "The move was stopped; the library is where it was. Begin again when you like."
    ),
    "library.folder_not_there": QT_TRANSLATE_NOOP(
        "wording", "There is no folder {folder}; connect its drive, or choose another one."
    ),
    "library.folder_listed": QT_TRANSLATE_NOOP(
        "wording", "{folder} is on the list already; scan the folders to see what is new."
    ),
    "library.folder_not_readable": QT_TRANSLATE_NOOP(
        "wording", "{folder} may not be read; check its permissions, then scan again."
    ),
    "updates.same": QT_TRANSLATE_NOOP("wording", "{name} is what {model} offers today."),
    "updates.changed": QT_TRANSLATE_NOOP(
        "wording", "{model} has another version of {name} now; it takes {size} to download."
    ),
    "updates.gone": QT_TRANSLATE_NOOP(
        "wording", "{model} no longer offers {name}; keep yours, it still works."
    ),
    "updates.unknown": QT_TRANSLATE_NOOP(
        "wording", "Nothing tells whether {name} has changed; look at its repository yourself."
    ),
    # --- the pages of models -------------------------------------------------------------------
    "models.absent": QT_TRANSLATE_NOOP(
        "wording", "{name} is on {folder}, which is not connected; connect it to use it."
    ),
    "models.incomplete": QT_TRANSLATE_NOOP(
        "wording", "{count} of the {total} files of {name} are missing; download them to use it."
    ),
    "models.damaged": QT_TRANSLATE_NOOP(
        "wording", "{name} differs from the original; download it again, or delete it."
    ),
    "models.verifying": QT_TRANSLATE_NOOP(
        "wording", "Every byte of {name} is being read; it can chat when that is done."
    ),
    "models.gone": QT_TRANSLATE_NOOP(
        "wording", "{name} is no longer in {folder}; put it back there, or forget it."
    ),
    "models.coming": QT_TRANSLATE_NOOP(
        "wording", "{name} is being downloaded; it can chat when that is done."
    ),
    "models.trashed": QT_TRANSLATE_NOOP(
        "wording", "In the trash: {name}. It frees {size} when you empty it."
    ),
    "models.trashed_link": QT_TRANSLATE_NOOP(
        "wording", "In the trash: {name}. Its files have another name elsewhere, which stays."
    ),
    "models.forgotten": QT_TRANSLATE_NOOP(
        "wording", "{name} is off the list; its files were not touched."
    ),
    "models.answering": QT_TRANSLATE_NOOP(
        "wording", "{name} is answering just now; stop the answer, then try again."
    ),
    "models.asking": QT_TRANSLATE_NOOP("wording", "Asking the Hub about {name}…"),
    "models.not_there": QT_TRANSLATE_NOOP(
        "wording", "The files of {name} are no longer in {path}; see what is there now."
    ),
    "models.no_file_manager": QT_TRANSLATE_NOOP(
        "wording", "No program here shows folders; the files are in {folder}."
    ),
    "models.no_programs": QT_TRANSLATE_NOOP(
        "wording", "No other program has models here that Moestro can use; try a folder instead."
    ),
    "models.use_in_place": QT_TRANSLATE_NOOP(
        "wording", "They are used where they are; nothing is copied, moved or changed."
    ),
    "models.added": QT_TRANSLATE_NOOP("wording", "{name} is in your library now, {size}."),
    "models.added_some": QT_TRANSLATE_NOOP(
        "wording", "{count} models are in your library now, {size}."
    ),
    "models.all_known": QT_TRANSLATE_NOOP(
        "wording", "Your library has all of it already; nothing was added."
    ),
    "models.adding": QT_TRANSLATE_NOOP(
        "wording", "{name} is being added and checked; it can chat when that is done."
    ),
    "models.in_place": QT_TRANSLATE_NOOP(
        "wording", "{other} keeps this model; Moestro uses it there and changes nothing."
    ),
    "models.sound_hash": QT_TRANSLATE_NOOP(
        "wording", "Every byte is as its publisher uploaded it."
    ),
    "models.sound_structure": QT_TRANSLATE_NOOP(
        "wording", "Its structure is sound; there is no published checksum to compare it with."
    ),
    "models.sound_no": QT_TRANSLATE_NOOP(
        "wording", "Nobody has read all of it yet; verify it to be sure."
    ),
    "models.empty_library": QT_TRANSLATE_NOOP(
        "wording", "There is no model here yet. Discover one that fits, or import files you have."
    ),
    "models.no_match": QT_TRANSLATE_NOOP("wording", "No model in your library matches “{title}”."),
    "models.no_such_kind": QT_TRANSLATE_NOOP("wording", "None of your models is of this kind."),
    "models.drop": QT_TRANSLATE_NOOP(
        "wording", "Drop GGUF files or folders here to add them to your library."
    ),
    "models.offline": QT_TRANSLATE_NOOP(
        "wording", "Moestro is offline: this is what was known before. Nothing is asked."
    ),
    "models.nothing_found": QT_TRANSLATE_NOOP(
        "wording", "Nothing on the Hub matches “{title}”; use fewer words, or another spelling."
    ),
    "models.nothing_known": QT_TRANSLATE_NOOP(
        "wording", "Nothing is known of the Hub's models yet; try again when you are online."
    ),
    "models.filtered_out": QT_TRANSLATE_NOOP(
        "wording", "{count} models were found, but the filters hide all of them."
    ),
    "models.gated": QT_TRANSLATE_NOOP(
        "wording", "Its publisher asks you to accept terms first, on its page; then download it."
    ),
    "models.no_gguf": QT_TRANSLATE_NOOP(
        "wording", "{name} holds no GGUF files, which this engine needs; try another publisher."
    ),
    "models.reading": QT_TRANSLATE_NOOP(
        "wording", "Reading what each file says of itself, to tell what runs here."
    ),
    "models.no_card": QT_TRANSLATE_NOOP("wording", "Its publisher wrote nothing about it."),
    "models.card_coming": QT_TRANSLATE_NOOP(
        "wording", "What its publisher wrote is being fetched…"
    ),
    "models.no_downloads": QT_TRANSLATE_NOOP(
        "wording", "Nothing is being downloaded. Discover a model that fits this computer."
    ),
    "models.kept": QT_TRANSLATE_NOOP(
        "wording", "{size} of it are kept for {count} days, so that it can still go on."
    ),
    "models.stalled": QT_TRANSLATE_NOOP(
        "wording", "The connection stands, but nothing comes; if it stays so, it is renewed."
    ),
    "models.elsewhere": QT_TRANSLATE_NOOP(
        "wording", "Another Moestro is downloading it; pause or cancel it there."
    ),
    "models.arrived": QT_TRANSLATE_NOOP(
        "wording", "{name} is here, and every byte is as its publisher uploaded it."
    ),
    "models.cancelled": QT_TRANSLATE_NOOP(
        "wording", "{name} was cancelled; what arrived is kept for a week."
    ),
    "models.advice": QT_TRANSLATE_NOOP("wording", "About {rate} here."),
    "models.asked_for": QT_TRANSLATE_NOOP("wording", "{name} is what the link names."),
    "models.begun": QT_TRANSLATE_NOOP("wording", "{name} is being downloaded, {size}."),
    "models.choose_one": QT_TRANSLATE_NOOP(
        "wording", "This repository has no {name}; choose one of its other files."
    ),
    "models.no_catalog": QT_TRANSLATE_NOOP(
        "wording", "The list of recommended models cannot be read; install Moestro again."
    ),
    # --- attachments ---------------------------------------------------------------------------
    "attachments.missing": QT_TRANSLATE_NOOP(
        "wording", "{name} is not there any more; choose the file again."
    ),
    "attachments.folder": QT_TRANSLATE_NOOP(
        "wording", "{name} is a folder; attach the files inside it."
    ),
    "attachments.special": QT_TRANSLATE_NOOP(
        "wording", "{name} is a device or a pipe, not a file; attach an ordinary file."
    ),
    "attachments.not_readable": QT_TRANSLATE_NOOP(
        "wording",
        "{name} cannot be read; check its permissions and its disk, then attach it again.",
    ),
    "attachments.empty": QT_TRANSLATE_NOOP(
        "wording", "{name} is empty, so there is nothing to give to the model."
    ),
    "attachments.too_big": QT_TRANSLATE_NOOP(
        "wording", "{name} is larger than 200 MB; attach a part of it as a file of its own."
    ),
    "attachments.too_long": QT_TRANSLATE_NOOP(
        "wording",
        "{name} holds more text than any model reads; attach a part of it as a file of its own.",
    ),
    "attachments.bomb": QT_TRANSLATE_NOOP(
        "wording",
        "{name} unpacks to far more than a document does and was not read; check where it came from.",
    ),
    "attachments.encrypted": QT_TRANSLATE_NOOP(
        "wording", "{name} asks for a password; save a copy without one and attach that."
    ),
    "attachments.damaged": QT_TRANSLATE_NOOP(
        "wording",
        "{name} is damaged and gives no text; open it in its own program and save it again.",
    ),
    "attachments.only_pictures": QT_TRANSLATE_NOOP(
        "wording",
        "{name} holds pictures of pages and no text; run text recognition (OCR) on it first.",
    ),
    "attachments.image_kind": QT_TRANSLATE_NOOP(
        "wording", "{name} is no PNG or JPEG image; save it as one of these and attach that."
    ),
    "attachments.image_damaged": QT_TRANSLATE_NOOP(
        "wording", "{name} is damaged and shows no image; save it again and attach that."
    ),
    "attachments.image_whole": QT_TRANSLATE_NOOP(
        "wording", "{name} is an image and is shown whole; leave out what stands behind its name."
    ),
    "attachments.image_tiny": QT_TRANSLATE_NOOP(
        "wording", "{name} is too small to show anything; attach a larger image."
    ),
    "attachments.image_too_big": QT_TRANSLATE_NOOP(
        "wording", "{name} is too large for a model; save it with less than 50 megapixels and 7 MB."
    ),
    "attachments.image": QT_TRANSLATE_NOOP(
        "wording",
        "{name} is an image; seeing needs a model with a projector, so write what it shows instead.",
    ),
    "attachments.sound": QT_TRANSLATE_NOOP(
        "wording", "{name} is sound or video, which is not read; attach a transcript of it instead."
    ),
    "attachments.archive": QT_TRANSLATE_NOOP(
        "wording", "{name} is an archive; unpack it and attach the files inside."
    ),
    "attachments.old_office": QT_TRANSLATE_NOOP(
        "wording", "{name} is in an older office format; save it as DOCX or PDF and attach that."
    ),
    "attachments.other_office": QT_TRANSLATE_NOOP(
        "wording",
        "{name} is an office file of a kind that is not read; save it as PDF, DOCX or CSV first.",
    ),
    "attachments.model": QT_TRANSLATE_NOOP(
        "wording", "{name} is a model, not a document; add it on the Models page."
    ),
    "attachments.not_text": QT_TRANSLATE_NOOP(
        "wording", "{name} holds no text that can be read; attach text, PDF, DOCX, HTML or CSV."
    ),
    "attachments.hung": QT_TRANSLATE_NOOP(
        "wording",
        "Reading {name} came to a stop and was ended; save it anew or attach a part of it.",
    ),
    "attachments.helper_died": QT_TRANSLATE_NOOP(
        "wording",
        "Reading {name} ended unexpectedly; save it anew in its own program, then attach it.",
    ),
    "attachments.unexpected": QT_TRANSLATE_NOOP(
        "wording", "Reading {name} went wrong; attach it again, and look at the log if it stays so."
    ),
    "attachments.cancelled": QT_TRANSLATE_NOOP("wording", "Reading {name} was cancelled."),
    "attachments.gone": QT_TRANSLATE_NOOP(
        "wording", "The text of this file is not kept any more; attach the file again."
    ),
    "attachments.no_pages": QT_TRANSLATE_NOOP(
        "wording", "{name} has {count} pages; ask for pages between 1 and {count}, such as 1-3."
    ),
    "attachments.no_lines": QT_TRANSLATE_NOOP(
        "wording", "{name} has {count} lines; ask for lines between 1 and {count}, such as 1-3."
    ),
    "attachments.no_heading": QT_TRANSLATE_NOOP(
        "wording", "{name} has no heading “{title}”; name another or a range such as 1-3."
    ),
    "attachments.nothing_relevant": QT_TRANSLATE_NOOP(
        "wording",
        "No passage of {name} shares a word with the question; attach all of it or a part.",
    ),
    "attachments.not_ranked": QT_TRANSLATE_NOOP(
        "wording", "Searching {name} for passages went wrong; attach all of it or a part of it."
    ),
    "attachments.label_page": QT_TRANSLATE_NOOP("wording", "Page {number}"),
    "attachments.label_pages": QT_TRANSLATE_NOOP("wording", "Pages {number}–{count}"),
    "attachments.label_line": QT_TRANSLATE_NOOP("wording", "Line {number}"),
    "attachments.label_lines": QT_TRANSLATE_NOOP("wording", "Lines {number}–{count}"),
    "attachments.label_heading": QT_TRANSLATE_NOOP("wording", "{title}"),
    "attachments.label_passage": QT_TRANSLATE_NOOP("wording", "One relevant passage"),
    "attachments.label_passages": QT_TRANSLATE_NOOP("wording", "{count} relevant passages"),
    # --- the composer -----------------------------------------------------------------------
    "composer.passages_now": QT_TRANSLATE_NOOP(
        "wording",
        "{count} passages suit what is written now; they are chosen again when you send it.",
    ),
    "composer.passage_now": QT_TRANSLATE_NOOP(
        "wording", "One passage suits what is written now; it is chosen again when you send it."
    ),
    "composer.passages_later": QT_TRANSLATE_NOOP(
        "wording", "The passages are chosen for your question once it is written."
    ),
    "composer.still_reading": QT_TRANSLATE_NOOP(
        "wording", "{name} is still being read; send again when it is done, or remove it."
    ),
    "composer.not_read": QT_TRANSLATE_NOOP(
        "wording", "{name} could not be read; remove it, then send again."
    ),
    "composer.too_long_for_all": QT_TRANSLATE_NOOP(
        "wording",
        "{name} is too long for this model, so relevant passages go along; press it to change.",
    ),
    "composer.too_many_files": QT_TRANSLATE_NOOP(
        "wording", "At most {count} files go with one message; send these first."
    ),
    "composer.presets_not_readable": QT_TRANSLATE_NOOP(
        "wording",
        "{name} cannot be read; check its permissions and its disk, then import it again.",
    ),
    "composer.preset_model_missing": QT_TRANSLATE_NOOP(
        "wording", "The model of “{name}” is not here, so the chat keeps its own; the rest is set."
    ),
    # --- what a conversation sets --------------------------------------------------------------
    "schema.not_json": QT_TRANSLATE_NOOP(
        "wording", "The schema is not JSON: something is wrong in line {number}. Correct it there."
    ),
    "schema.not_object": QT_TRANSLATE_NOOP(
        "wording",
        "The schema must be one JSON object, such as the type and properties of an answer.",
    ),
    "schema.too_large": QT_TRANSLATE_NOOP(
        "wording", "The schema has {number} KB and at most {count} KB can be used; make it smaller."
    ),
    "schema.too_complex": QT_TRANSLATE_NOOP(
        "wording",
        "The schema has too many parts to be enforced, at {where}; make it simpler there.",
    ),
    "schema.keyword": QT_TRANSLATE_NOOP(
        "wording", "“{key}” cannot be enforced at {where} in the schema; leave it out there."
    ),
    "schema.value": QT_TRANSLATE_NOOP(
        "wording", "“{key}” at {where} in the schema says nothing usable; correct it there."
    ),
    "schema.reference": QT_TRANSLATE_NOOP(
        "wording", "The schema refers to {name}, which is not in it; add that part or leave it out."
    ),
    "schema.endless": QT_TRANSLATE_NOOP(
        "wording", "The schema asks for itself again without end, at {where}; let it stop there."
    ),
    "schema.nothing": QT_TRANSLATE_NOOP(
        "wording", "Nothing can fit the schema at {where}; widen what it allows there."
    ),
    "schema.not_a_file": QT_TRANSLATE_NOOP(
        "wording", "The schema {name} cannot be read as text; choose a JSON file."
    ),
    "schema.misfit": QT_TRANSLATE_NOOP(
        "wording", "The answer does not fit the schema at {where}; ask again or change the schema."
    ),
    "schema.cut_off": QT_TRANSLATE_NOOP(
        "wording", "The answer is no whole JSON; allow it to be longer, or ask again."
    ),
    "engine.schema_refused": QT_TRANSLATE_NOOP(
        "wording", "The engine cannot enforce this schema; make it simpler, or ask without it."
    ),
    "engine.schema_stuck": QT_TRANSLATE_NOOP(
        "wording",
        "This model has no words that fit the schema here; change the schema or the model.",
    ),
    "terminal.help_schema": QT_TRANSLATE_NOOP(
        "wording", "a JSON Schema that the answer must fit; prints that JSON"
    ),
    "chat.looped": QT_TRANSLATE_NOOP(
        "wording",
        "The model repeated itself again and again, so the answer was ended; the loop guard can be switched off.",
    ),
    "chat.temporary_queue": QT_TRANSLATE_NOOP(
        "wording",
        "In a temporary chat nothing waits, because that would be on the disk; send it when the answer is complete.",
    ),
    "chat.title_request": QT_TRANSLATE_NOOP(
        "wording",
        "Give our conversation a title of two to six words, in its language. Answer with the title alone.",
    ),
    # --- walking away, and what finds everything ------------------------------------------------
    "placement.lost_in_sleep": QT_TRANSLATE_NOOP(
        "wording",
        "{device} did not come back after sleep, so the model is loaded again; all words so far are saved.",
    ),
    "away.complete": QT_TRANSLATE_NOOP("wording", "The answer in “{title}” is complete."),
    "away.stopped": QT_TRANSLATE_NOOP(
        "wording",
        "The answer in “{title}” ended early; what was written is saved. Open it to go on.",
    ),
    "away.stopped_unkept": QT_TRANSLATE_NOOP(
        "wording", "The answer in “{title}” ended early; open it to go on."
    ),
    "palette.trouble": QT_TRANSLATE_NOOP(
        "wording", "Messages cannot be searched just now; chats, models and commands still can."
    ),
    # --- what is too much for a message to lay out ----------------------------------------------
    "markdown.plain_part": QT_TRANSLATE_NOOP(
        "wording", "This part has more markup than can be laid out; it is shown as plain text."
    ),
    "markdown.plain_rest": QT_TRANSLATE_NOOP(
        "wording", "There are too many blocks to lay out; from here on they are plain text."
    ),
    "markdown.plain_message": QT_TRANSLATE_NOOP(
        "wording", "This message is too large to lay out; it is shown as plain text."
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
