"""Asks llama.cpp in a process of its own what models are and need, loading no weight.

For each file given: one line of JSON with its parameters, its bytes and, by KV type, the MiB of
its KV cache for the context and ubatch given first.
"""

import json
import re
import sys

import llama_cpp.llama_cpp as llama

_KV_TYPES = {"f16": 1, "q8_0": 8, "q4_0": 2}
_KV_SIZE = re.compile(r"llama_kv_cache: size = *([\d.]+) MiB")


def main(context_tokens: int, ubatch_tokens: int, *paths: str) -> None:
    lines: list[str] = []

    @llama.llama_log_callback  # type: ignore[untyped-decorator]
    def on_log(_level: int, text: bytes, _data: object) -> None:
        lines.append(text.decode(errors="replace"))

    llama.llama_log_set(on_log, None)
    llama.llama_backend_init()
    for path in paths:
        parameters = llama.llama_model_default_params()
        parameters.no_alloc = True
        parameters.load_mode = 0
        model = llama.llama_model_load_from_file(path.encode(), parameters)
        assert model, "".join(lines)
        kv_mebibytes = {}
        for name, number in _KV_TYPES.items():
            wishes = llama.llama_context_default_params()
            wishes.n_ctx, wishes.n_batch, wishes.n_ubatch = (
                context_tokens, ubatch_tokens, ubatch_tokens,
            )  # fmt: skip
            wishes.type_k = wishes.type_v = number
            wishes.swa_full = False
            lines.clear()
            context = llama.llama_init_from_model(model, wishes)
            assert context, "".join(lines)
            kv_mebibytes[name] = sum(map(float, _KV_SIZE.findall("".join(lines))))
            llama.llama_free(context)
        told = {
            "parameters": llama.llama_model_n_params(model),
            "bytes": llama.llama_model_size(model),
            "kv_mebibytes": kv_mebibytes,
        }
        print(json.dumps(told), flush=True)  # noqa: T201
        llama.llama_model_free(model)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
