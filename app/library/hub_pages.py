"""A repository as it was looked up: what it offers, which of it is meant, and how to get that."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.library.download_entities import DownloadRequest, RemoteFile
from app.library.errors import LibraryError
from models.hub_entities import RepositoryInfo
from models.hub_reference import HubReference
from models.naming import shorten
from models.repository import Quantization, RepositoryContents, RepositoryModel

_LABELS = 40
"""Characters of the labels that a sentence names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryPage:
    """A repository at one commit."""

    info: RepositoryInfo
    contents: RepositoryContents
    needs_token: bool
    """It is gated, or was not shown without the user's token."""

    @property
    def licence(self) -> str:
        """As its owner names it; empty when it is not stated."""
        info = self.info
        return info.licence_name if info.licence == "other" and info.licence_name else info.licence

    def choices(self) -> Iterator[tuple[RepositoryModel, Quantization]]:
        """Every quantization of every model."""
        for model in self.contents.models:
            for quantization in model.quantizations:
                yield model, quantization

    def check(self) -> None:
        """Raise LibraryError when it offers nothing for this engine."""
        if not self.contents.models:
            raise LibraryError("models.no_gguf", name=shorten(self.info.id))

    def meant(self, reference: HubReference) -> tuple[RepositoryModel, Quantization] | None:
        """The quantization that ``reference`` names; None when it names none.

        Raises LibraryError: there is none of that name, or there are several.
        """
        self.check()
        if reference.path is not None:
            found = [each for each in self.choices() if _is_inside(each[1], reference.path)]
            wanted = reference.path.rpartition("/")[2]
        elif reference.quantization is not None:
            wanted = reference.quantization
            plain = wanted.casefold()
            found = [each for each in self.choices() if each[1].label.casefold() == plain]
            found = found or [each for each in self.choices() if each[1].name.casefold() == plain]
        else:
            return None
        if not found:
            labels = shorten(", ".join(_labels(self)), _LABELS)
            raise LibraryError(
                "repository.no_such", name=shorten(wanted), model=shorten(self.info.id),
                example=labels,
            )  # fmt: skip
        if len(found) > 1:
            example = found[0][1].name
            raise LibraryError("repository.several", name=shorten(wanted), example=shorten(example))
        return found[0]

    def usual(self, label: str) -> tuple[RepositoryModel, Quantization] | None:
        """The quantization of this label, or its ``UD-`` form; None when there is none.

        Of several models the one with most quantizations counts. Raises LibraryError when the
        repository offers nothing for this engine.
        """
        self.check()
        wanted = label.casefold()
        usable = [pair for pair in self.choices() if pair[1].problem is None]
        exact = [pair for pair in usable if pair[1].label.casefold() == wanted]
        near = [pair for pair in usable if pair[1].label.casefold() == f"ud-{wanted}"]
        return max(exact or near, key=lambda pair: len(pair[0].quantizations), default=None)

    def request(
        self,
        model: RepositoryModel,
        quantization: Quantization,
        *,
        with_projector: bool = False,
    ) -> DownloadRequest:
        """What is asked of the downloads. Raises KnownError when it cannot be used as it lies.

        ``with_projector`` takes what lets the model see pictures, too. It belongs to the set
        then, which comes whole or not at all.
        """
        if quantization.problem is not None:
            raise quantization.problem
        files = list(quantization.files)
        if with_projector:
            if quantization.projector is None:
                name = shorten(quantization.label or quantization.name)
                raise LibraryError(
                    "repository.no_projector", name=name, model=shorten(self.info.id)
                )
            files.append(quantization.projector)
        return DownloadRequest(
            repository=self.info.id,
            commit=self.info.commit,
            files=tuple(RemoteFile(file.path, file.size, file.sha256) for file in files),
            name=model.name or self.info.id.rpartition("/")[2],
            quantization=quantization.label,
            license=self.licence,
            needs_token=self.needs_token,
        )


def _labels(page: RepositoryPage) -> Sequence[str]:
    return list(dict.fromkeys(each.label or each.name for _model, each in page.choices()))


def _is_inside(quantization: Quantization, path: str) -> bool:
    """Whether it has the file at ``path``, or lies in the folder there."""
    return any(
        file.path == path or file.path.startswith(path.rstrip("/") + "/")
        for file in quantization.files
    )
