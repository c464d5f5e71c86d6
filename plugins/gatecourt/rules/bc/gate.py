"""Registers the gate ``bc``."""

from __future__ import annotations

from gatecourt.core.file_reasons import READING
from gatecourt.core.gatespec import GateSpec
from gatecourt.core.layout import GATES
from gatecourt.core.reasons import FAIL, HOLD, Reason
from gatecourt.core.run_reasons import RUNNING
from gatecourt.rules.bc.section import BcSection, dataset_versions, stated_places

_DATASET = (
    Reason("bc.catalogue", FAIL, "Write {where} as an object of versions by id."),
    Reason("bc.version_missing", FAIL, "Name a version that the catalogue has, or put it back into {where}."),
    Reason("bc.version_id", HOLD, "Give {where} an id that ends in its number, or declare bc.id_pattern."),
    Reason("bc.version_date", FAIL, "Write the day on which the version was made at {where}."),
    Reason("bc.version_status", FAIL, "Write active or deprecated at {where}."),
    Reason(
        "bc.version_order", FAIL, "Give the version at {where} a number above, and a date not before, those it follows."
    ),
    Reason("bc.active", FAIL, "Keep one version active, the newest, and deprecate the others: {where}."),
    Reason("bc.not_newest", FAIL, "Judge the newest version, or withdraw the one that superseded {where}."),
    Reason("bc.entry", FAIL, "Write the entry at {where} in full: paths, digests and lengths."),
    Reason("bc.outside", FAIL, "Move the file into the dataset's folder and list it there: {where} leads out of it."),
    Reason("bc.missing", FAIL, "Restore the file that {where} names, or publish a version without it."),
    Reason("bc.no_samples", HOLD, "Capture samples: {where} lists none that may be used."),
    Reason("bc.listed_twice", FAIL, "List the file or name of {where} once."),
    Reason("bc.not_listed", FAIL, "List the sample of {where} in every document of its version, or in none."),
    Reason("bc.disagree", FAIL, "Find out which document is right about {where}, and publish a new version."),
    Reason("bc.unlisted", FAIL, "Take {where} out of the dataset's folder, or list it in a new version."),
    Reason("bc.digest", FAIL, "Restore the recorded file of {where}, or publish what is there as a new version."),
    Reason("bc.size", FAIL, "Restore the recorded file of {where}: its length is another."),
    Reason("bc.digest_missing", FAIL, "Record digest and length at {where}, as the scheme takes them."),
    Reason("bc.scheme_unknown", HOLD, "Write at {where} by which scheme the digests were made."),
    Reason("bc.scheme_contradicts", FAIL, "Find out which scheme is right at {where}, and write it in both places."),
    Reason(
        "bc.scheme_ambiguous",
        HOLD,
        "Record the lengths of both files beside {where}, or digest each file on its own.",
    ),
)
_SAMPLES = (
    Reason("bc.pickle", FAIL, "Capture {where} again as plain arrays; never load it."),
    Reason("bc.too_large", FAIL, "Find out what blew up {where}, or raise bc.limits."),
    Reason("bc.npz", FAIL, "Capture {where} again: it is no whole archive of arrays."),
    Reason("bc.meta", FAIL, "Write {where} as the capture does: the sample cannot be read without it."),
    Reason("bc.array_missing", FAIL, "Capture the array {where}."),
    Reason("bc.array_kind", FAIL, "Capture {where} again as numbers of the right shape."),
    Reason("bc.length", FAIL, "Find out which frames {where} has too many or too few."),
    Reason("bc.dimension", FAIL, "Capture {where} with the features that the policy takes."),
    Reason(
        "bc.dimension_drift",
        FAIL,
        "Capture all samples of a version with the same features and actions: {where} differs.",
    ),
    Reason("bc.not_finite", FAIL, "Find the calculation behind {where} that gives NaN or infinity."),
    Reason("bc.action", FAIL, "Find out what the action at {where} was: the description has no such number."),
    Reason("bc.metric", FAIL, "Find out whether {where} or the arrays are wrong."),
    Reason("bc.accepted", FAIL, "Write true or false at {where}."),
    Reason("bc.rejected_used", FAIL, "Take the rejected sample out of training and evaluation: {where}."),
    Reason("bc.rejected_listed", HOLD, "Take the rejected sample out, or say by splits what is used: {where}."),
    Reason(
        "bc.degenerate_labels", HOLD, "Capture trajectories with several actions: on {where} every policy is right."
    ),
)
_EVALUATION = (
    Reason("bc.split_value", FAIL, "Write train or evaluation at {where}."),
    Reason("bc.split_contradicts", FAIL, "Find out which split is right at {where}; if in doubt, evaluate again."),
    Reason("bc.no_evaluation", HOLD, "Hold trajectories back for evaluation: {where} has none."),
    Reason("bc.no_training", HOLD, "Name the samples that were trained on in {where}: without them no leak is seen."),
    Reason("bc.leak", FAIL, "Take {where} out of the training or out of the evaluation, and clone again."),
    Reason("bc.duplicate", FAIL, "Remove the copy {where}: its frames count twice."),
    Reason("bc.not_declared", HOLD, "Declare {where} in the manifest: without it nothing is shown."),
    Reason("bc.prediction", FAIL, "Have the evaluation write a whole prediction at {where}."),
    Reason("bc.prediction_sample", FAIL, "Evaluate on the judged version: it has no such sample as {where} names."),
    Reason("bc.prediction_frame", FAIL, "Find out what was predicted at {where}: the sample has no such frame."),
    Reason("bc.label_contradicts", FAIL, "Evaluate against the dataset's own actions: {where} has another."),
    Reason("bc.predicted_twice", FAIL, "Find out why {where} predicts a frame again: it counts once."),
    Reason("bc.frames_missing", FAIL, "Evaluate every frame: those missing in {where} may be the hard ones."),
    Reason("bc.no_predictions", HOLD, "Have the evaluation write its predictions to {where}."),
    Reason("bc.accuracy", FAIL, "Roll back to the policy before, and read the wrong predictions in {where}."),
    Reason("bc.interval", HOLD, "Evaluate on more frames: those of {where} do not show that the accuracy suffices."),
    Reason("bc.majority", HOLD, "Look at the actions in {where}: the policy is no better than always taking one."),
    Reason("bc.stated_contradicts", FAIL, "Mend what writes {where}: the numbers say something else."),
    Reason("bc.threshold_contradicts", FAIL, "Put the threshold at {where} back, or change it here in the open."),
    Reason("bc.other_dataset", HOLD, "Run it again on the judged version: {where} names another dataset."),
    Reason("bc.stated_value", FAIL, "Have the system write the value at {where}."),
    Reason("bc.rehearsals_too_few", HOLD, "Rehearse until there are enough summaries beside {where}."),
    Reason("bc.rehearsal_repeated", HOLD, "Rehearse again: {where} tells of a rehearsal that is told already."),
    Reason("bc.rehearsal_order", HOLD, "Write at {where} what puts the rehearsals in order."),
    Reason("bc.rehearsal_stale", HOLD, "Rehearse again: {where} says nothing of the system as it is."),
    Reason("bc.rolling_minimum", FAIL, "Freeze the promotion and read the rehearsal of {where}."),
    Reason("bc.rolling_mean", FAIL, "Freeze the promotion: accuracy over the rehearsals up to {where} is too low."),
)

BC = GateSpec(
    marker="bc",
    summary="the dataset is the one that was recorded, and the policy is as accurate on it as is said",
    module=GATES / "test_bc.py",
    section=BcSection,
    keys={"bc": BcSection},
    required=("bc",),
    parameters={"dataset_version": dataset_versions, "stated_accuracy": stated_places},
    reasons=(*READING, *RUNNING, *_DATASET, *_SAMPLES, *_EVALUATION),
)
