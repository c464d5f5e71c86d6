"""Registers the gate ``bc``."""

from __future__ import annotations

from gatecourt.core.file_reasons import READING
from gatecourt.core.gatespec import GateSpec
from gatecourt.core.layout import GATES
from gatecourt.core.reasons import FAIL, HOLD, Reason
from gatecourt.core.run_reasons import RUNNING
from gatecourt.rules.bc.section import BcSection, dataset_versions, reported_places

_DATASET = (
    Reason("bc.catalogue", FAIL, "{where} is no object of versions by id: write it as one."),
    Reason(
        "bc.version_missing",
        FAIL,
        "{where} has no such version: set bc.version to one that it has, or restore the entry.",
    ),
    Reason(
        "bc.version_id", HOLD, "The id at {where} does not end in a number: rename the version, or set bc.id_pattern."
    ),
    Reason("bc.version_date", FAIL, "{where} is no date: write the day on which the version was made."),
    Reason("bc.version_status", FAIL, "{where} is neither active nor deprecated: write one of the two."),
    Reason(
        "bc.version_order",
        FAIL,
        "{where} is out of order: give it a higher number, and no earlier date, than the versions before it.",
    ),
    Reason(
        "bc.active",
        FAIL,
        "{where} has not exactly one active version: keep the newest active and deprecate the others.",
    ),
    Reason("bc.not_newest", FAIL, "A newer version replaces {where}: judge the newest one, or withdraw it."),
    Reason("bc.entry", FAIL, "The entry at {where} is incomplete: write its paths, digests and lengths."),
    Reason("bc.outside", FAIL, "{where} points outside the dataset's folder: move the file into it and list it there."),
    Reason(
        "bc.missing", FAIL, "The file named at {where} does not exist: restore it, or publish a version without it."
    ),
    Reason("bc.no_samples", HOLD, "{where} lists no usable sample: record samples."),
    Reason("bc.listed_twice", FAIL, "{where} is listed twice: list each file and each name once."),
    Reason(
        "bc.not_listed",
        FAIL,
        "The sample at {where} is missing in another document of its version: list it in all of them.",
    ),
    Reason(
        "bc.disagree",
        FAIL,
        "Documents of one version disagree at {where}: check which is right, and publish a new version.",
    ),
    Reason(
        "bc.unlisted",
        FAIL,
        "No document lists {where}: remove it from the dataset's folder, or list it in a new version.",
    ),
    Reason(
        "bc.digest", FAIL, "{where} does not match its recorded digest: restore that file, or publish a new version."
    ),
    Reason("bc.size", FAIL, "{where} does not have its recorded length: restore the recorded file."),
    Reason("bc.digest_missing", FAIL, "{where} lacks a digest or length that the scheme needs: record it."),
    Reason(
        "bc.scheme_unknown",
        HOLD,
        "{where} does not say how digests are computed: name the scheme there, or set bc.scheme.",
    ),
    Reason(
        "bc.scheme_contradicts",
        FAIL,
        "The digest scheme at {where} contradicts bc.scheme: check which is right and correct the other.",
    ),
    Reason(
        "bc.scheme_ambiguous",
        HOLD,
        "One digest covers two files at {where}: record both lengths, or digest each file separately.",
    ),
)
_SAMPLES = (
    Reason(
        "bc.pickle",
        FAIL,
        "{where} contains a pickle, which runs code when loaded: save the sample again as plain arrays.",
    ),
    Reason("bc.too_large", FAIL, "{where} exceeds bc.limits: fix the producer, or raise the limit."),
    Reason("bc.npz", FAIL, "{where} is no intact .npz archive: record the sample again."),
    Reason(
        "bc.meta", FAIL, "The description {where} is incomplete, so the sample cannot be read: write all of its fields."
    ),
    Reason("bc.array_missing", FAIL, "The array {where} is missing: record it with the sample."),
    Reason(
        "bc.array_kind",
        FAIL,
        "The array {where} has a wrong type or shape: record it as numbers of the expected shape.",
    ),
    Reason("bc.length", FAIL, "{where} has too many or too few frames: correct its length or its description."),
    Reason(
        "bc.dimension",
        FAIL,
        "{where} has another number of features than the policy takes: record the features of the policy.",
    ),
    Reason(
        "bc.dimension_drift",
        FAIL,
        "{where} differs in features or actions from the version's other samples: record all alike.",
    ),
    Reason("bc.not_finite", FAIL, "{where} is NaN or infinite: fix the calculation that wrote it."),
    Reason(
        "bc.action", FAIL, "The action at {where} is not in the description: correct the action or the list of actions."
    ),
    Reason("bc.metric", FAIL, "The value at {where} contradicts the arrays: check which is wrong and correct it."),
    Reason("bc.accepted", FAIL, "{where} is neither true nor false: write one of the two."),
    Reason("bc.rejected_used", FAIL, "{where} was rejected, but is used: remove it from training and evaluation."),
    Reason(
        "bc.rejected_listed",
        HOLD,
        "{where} was rejected, but is listed without a split: remove it, or give every used sample a split.",
    ),
    Reason(
        "bc.degenerate_labels",
        HOLD,
        "{where} has only one action class, so accuracy means nothing: add trajectories with more.",
    ),
)
_EVALUATION = (
    Reason("bc.split_value", FAIL, "{where} names no known split: write train or evaluation."),
    Reason(
        "bc.split_contradicts",
        FAIL,
        "{where} has another split than the manifest: correct one of them, and evaluate again.",
    ),
    Reason("bc.no_evaluation", HOLD, "{where} has no evaluation samples: hold some trajectories back for evaluation."),
    Reason("bc.no_training", HOLD, "{where} lists no training samples, so leakage cannot be checked: list them."),
    Reason(
        "bc.leak", FAIL, "{where} is used for training and for evaluation: remove it from one of them, and train again."
    ),
    Reason("bc.duplicate", FAIL, "{where} is a copy of another sample, so its frames count twice: remove it."),
    Reason(
        "bc.not_declared",
        HOLD,
        "{where} is not declared, so accuracy cannot be recomputed: declare it in the manifest.",
    ),
    Reason(
        "bc.prediction", FAIL, "The prediction at {where} is incomplete: have the evaluation write all of its fields."
    ),
    Reason(
        "bc.prediction_sample", FAIL, "{where} names a sample that the judged version lacks: evaluate on that version."
    ),
    Reason(
        "bc.prediction_frame",
        FAIL,
        "{where} names a frame that the sample lacks: fix the frame index in the evaluation.",
    ),
    Reason(
        "bc.label_contradicts",
        FAIL,
        "{where} has another action than the dataset: evaluate against the dataset's own actions.",
    ),
    Reason("bc.predicted_twice", FAIL, "{where} predicts a frame for the second time: write one prediction a frame."),
    Reason(
        "bc.frames_missing",
        FAIL,
        "{where} lacks predictions of some frames, perhaps the hard ones: evaluate every frame.",
    ),
    Reason(
        "bc.no_predictions", HOLD, "{where} has no usable prediction: have the evaluation write its predictions there."
    ),
    Reason(
        "bc.accuracy",
        FAIL,
        "Accuracy in {where} is below the threshold: roll back the policy, and review the wrong predictions.",
    ),
    Reason(
        "bc.interval", HOLD, "{where} has too few frames to show that the accuracy suffices: evaluate on more frames."
    ),
    Reason(
        "bc.majority",
        HOLD,
        "The policy in {where} is no better than the most frequent action: balance the actions, and train again.",
    ),
    Reason(
        "bc.stated_contradicts", FAIL, "{where} contradicts the numbers it reports on: fix the code that writes it."
    ),
    Reason(
        "bc.threshold_contradicts",
        FAIL,
        "{where} is not the declared threshold: restore it, or change bc.threshold in a reviewed commit.",
    ),
    Reason(
        "bc.other_dataset",
        HOLD,
        "{where} is from another dataset version: run the evaluation again on the judged version.",
    ),
    Reason("bc.stated_value", FAIL, "{where} is missing or of the wrong kind: have the system write it."),
    Reason("bc.rehearsals_too_few", HOLD, "There are too few rehearsal summaries at {where}: run more rehearsals."),
    Reason(
        "bc.rehearsal_repeated",
        HOLD,
        "{where} repeats a rehearsal that another summary reports: remove the duplicate summary.",
    ),
    Reason(
        "bc.rehearsal_order", HOLD, "{where} has no value to order rehearsals by: write its number, date or time there."
    ),
    Reason("bc.rehearsal_stale", HOLD, "{where} is older than max_age: run a new rehearsal."),
    Reason(
        "bc.rolling_minimum",
        FAIL,
        "Accuracy at {where} is below the minimum: stop the promotion, and review that rehearsal.",
    ),
    Reason(
        "bc.rolling_mean",
        FAIL,
        "Mean accuracy of the rehearsals up to {where} is too low: stop the promotion, and review them.",
    ),
)

BC = GateSpec(
    marker="bc",
    summary="the dataset matches its record, and the policy is as accurate on it as reported",
    module=GATES / "test_bc.py",
    section=BcSection,
    keys={"bc": BcSection},
    required=("bc",),
    parameters={"dataset_version": dataset_versions, "stated_accuracy": reported_places},
    reasons=(*READING, *RUNNING, *_DATASET, *_SAMPLES, *_EVALUATION),
)
