"""The manifest's ``[bc]``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Literal

from gatecourt.formats.fields import (
    Different,
    FilePattern,
    Folder,
    Identifier,
    NonEmpty,
    PointerPattern,
    PositiveBytes,
    PositiveInt,
    RelativePath,
    bounds,
    regex,
)
from gatecourt.formats.files import Origin, require_full_names, require_relative
from gatecourt.formats.quantities import Number, Ratio, Seconds

Scheme = Literal["sha256-concatenated", "sha256-per-file"]

PassShare = Annotated[Ratio, bounds(above=0, at_most=1, expected="a share above 0 and at most 1")]
VersionPattern = Annotated[str, regex("family", "number")]
_ID = r"(?P<family>.+)_v(?P<number>[0-9]+)"


@dataclass(frozen=True)
class Lengths:
    """Lengths of the two files of a sample, where one digest covers both and the dataset does not record them."""

    sample: PositiveInt = field(metadata={"doc": "Bytes of the arrays."})
    meta: PositiveInt = field(metadata={"doc": "Bytes of the description."})


@dataclass(frozen=True)
class SampleLimits:
    """The largest sample that is read. The defaults fit recordings of some hours."""

    size: PositiveBytes = field(default=64 << 20, metadata={"doc": "Bytes of all its arrays, unpacked."})
    arrays: PositiveInt = field(default=64, metadata={"doc": "How many arrays it may hold."})


@dataclass(frozen=True)
class Predictions:
    """JSON Lines of a command: one record a frame, with the dataset's action and the policy's."""

    files: NonEmpty[tuple[FilePattern, ...]] = field(
        metadata={"doc": "Patterns of the files; of the target: named in full."}
    )
    origin: Origin = field(default="artefacts", metadata={"doc": 'Among the artefacts, or below the "target" root.'})
    of: str = field(default="run", metadata={"doc": "NAME of the command whose artefacts they are."})
    sample: PointerPattern = field(default="/sample", metadata={"doc": "Pointer of the sample's name."})
    index: PointerPattern = field(default="/index", metadata={"doc": "Pointer of the frame, from 0."})
    split: PointerPattern = field(default="/split", metadata={"doc": "Pointer of the split."})
    label: PointerPattern = field(default="/label", metadata={"doc": "Pointer of the action of the dataset."})
    predicted: PointerPattern = field(default="/predicted", metadata={"doc": "Pointer of the policy's action."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a pattern below the target's root, or for two fields at one place."""
        require_full_names(self.files, self.origin)
        used = [self.sample, self.index, self.split, self.label, self.predicted]
        if len(set(used)) != len(used):
            raise ValueError(f"expected a pointer of its own for each field, found {', '.join(used)}")


@dataclass(frozen=True)
class ReportedAccuracy:
    """A document in which the system reports its accuracy. Each declared pointer is compared with the predictions."""

    file: FilePattern = field(metadata={"doc": "Pattern of the JSON files; of the target: named in full."})
    origin: Origin = field(default="artefacts", metadata={"doc": 'Among the artefacts, or below the "target" root.'})
    of: str = field(default="run", metadata={"doc": "NAME of the command whose artefact it is."})
    accuracy: PointerPattern | None = field(default=None, metadata={"doc": "Pointer of the accuracy."})
    threshold: PointerPattern | None = field(default=None, metadata={"doc": "Pointer of the threshold."})
    passed: PointerPattern | None = field(default=None, metadata={"doc": "Pointer of the boolean that reports a pass."})
    dataset: PointerPattern | None = field(default=None, metadata={"doc": "Pointer of the dataset's version."})
    frames: PointerPattern | None = field(
        default=None, metadata={"doc": "Pointer of the number of frames that were evaluated."}
    )
    tolerance: Annotated[Number, bounds(at_least=0, at_most="0.01")] = field(
        default=Decimal("1e-6"), metadata={"doc": "Largest difference of the reported accuracy, for its rounding."}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` where nothing would be compared."""
        require_full_names([self.file], self.origin)
        if not any((self.accuracy, self.threshold, self.passed, self.dataset, self.frames)):
            raise ValueError("nothing is compared: give at least one pointer")


@dataclass(frozen=True)
class Rehearsals:
    """Summaries of rehearsals, one a file, and the accuracy that the newest must reach."""

    files: Different[tuple[RelativePath, ...]] = field(
        metadata={"doc": "The summaries below the target's root, oldest first."}
    )
    accuracy: PointerPattern = field(metadata={"doc": "Pointer of the accuracy in a summary."})
    order: PointerPattern | None = field(
        default=None,
        metadata={"doc": "Pointer of a number, date or time that orders them; none: as named."},
    )
    identity: PointerPattern | None = field(
        default=None,
        metadata={"doc": "Pointer of a value that is unique to a rehearsal: its run id."},
    )
    threshold: PointerPattern | None = field(default=None, metadata={"doc": "Pointer of the threshold."})
    passed: PointerPattern | None = field(default=None, metadata={"doc": "Pointer of the boolean that reports a pass."})
    dataset: PointerPattern | None = field(default=None, metadata={"doc": "Pointer of the dataset's version."})
    last: PositiveInt = field(default=3, metadata={"doc": "How many of the newest are judged."})
    mean: PassShare = field(default=Decimal("0.90"), metadata={"doc": "The least mean accuracy over them."})
    minimum: PassShare = field(default=Decimal("0.85"), metadata={"doc": "The least accuracy of any of them."})
    max_age: Seconds | None = field(
        default=None, metadata={"doc": 'How old a judged one may be, such as "90d", by the date at order.'}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a greatest age without dates."""
        if self.max_age is not None and self.order is None:
            raise ValueError("max_age: it needs order, the pointer of the date")


@dataclass(frozen=True)
class BcSection:
    """``[bc]``. Paths in the dataset's own documents are relative to ``root``, without ``cut``."""

    versions: RelativePath = field(metadata={"doc": "The dataset catalogue, a JSON file below the target's root."})
    version: str = field(metadata={"doc": "The version to judge; it must be active and the newest."})
    root: Folder = field(default=".", metadata={"doc": "The folder to which paths in the documents are relative."})
    cut: str = field(
        default="", metadata={"doc": 'A leading folder of those paths that is not there, such as "data/bc_datasets".'}
    )
    kept: tuple[str, ...] = field(
        default=(),
        metadata={"doc": "Other versions of the catalogue whose digests are checked as well."},
    )
    id_pattern: VersionPattern = field(
        default=_ID,
        metadata={"doc": "Regular expression of a version's id, with the groups family and number."},
    )
    scheme: Scheme | None = field(
        default=None,
        metadata={"doc": "How digests are computed; required where the checksum file does not say."},
    )
    lengths: Mapping[str, Lengths] = field(
        default_factory=dict, metadata={"doc": "Lengths by the sample's name, where the checksum file holds none."}
    )
    features: PositiveInt | None = field(default=None, metadata={"doc": "Number of features that the policy takes."})
    threshold: PassShare = field(default=Decimal("0.80"), metadata={"doc": "The least accuracy that passes."})
    confidence: Annotated[Ratio, bounds(at_least="0.5", below=1)] = field(
        default=Decimal("0.95"), metadata={"doc": "Confidence of the interval around the accuracy."}
    )
    leak: Annotated[Ratio, bounds(at_least=0, below=1)] = field(
        default=Decimal(0), metadata={"doc": "Largest share of evaluation frames that may also be training frames."}
    )
    limits: SampleLimits = field(default_factory=SampleLimits, metadata={"doc": "The largest sample that is read."})
    predictions: Predictions | None = field(
        default=None, metadata={"doc": "The predictions, from which accuracy is recomputed."}
    )
    stated: Mapping[Identifier, ReportedAccuracy] = field(
        default_factory=dict,
        metadata={"doc": "Documents in which the system reports its accuracy, by name."},
    )
    rehearsals: Rehearsals | None = field(default=None, metadata={"doc": "The summaries of rehearsals."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for versions named twice, and for reported accuracy without predictions."""
        require_relative([name for name in (self.cut,) if name])
        _require_versions(self)
        if self.stated and self.predictions is None:
            raise ValueError("predictions: stated is compared with the predictions; declare them as well")


def _require_versions(section: BcSection) -> None:
    names = dataset_versions(section)
    if "" in names or len(set(names)) != len(names):
        raise ValueError(f"version and kept: expected different names, found {names}")


def reported_places(section: BcSection) -> Sequence[str]:
    """Names of the places where the system reports its accuracy, sorted."""
    return sorted(section.stated)


def dataset_versions(section: BcSection) -> Sequence[str]:
    """The versions whose files are digested, sorted."""
    return sorted((section.version, *section.kept))
