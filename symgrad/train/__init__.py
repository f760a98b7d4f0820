"""Training: data, checkpoints and the loop, for arrays and a loaded kernel module; no symbols."""

from symgrad.train.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from symgrad.train.columns import Field, Fields, fields
from symgrad.train.data import Table, make_inputs, make_table, read_inputs, read_table, split
from symgrad.train.history import History
from symgrad.train.initial import State, fresh_state, initial_state
from symgrad.train.layout import Kernel, parameter_sizes
from symgrad.train.progress import Progress, Report, progress_line, silent
from symgrad.train.run import fit
from symgrad.train.scaling import SCALINGS, Scaling, fit_scaling, fit_scalings, scaled, scaled_inputs
from symgrad.train.scores import can_score, classes, outputs, predictions, score
from symgrad.train.stopping import Stopping

__all__ = [
    "SCALINGS",
    "Checkpoint",
    "Field",
    "Fields",
    "History",
    "Kernel",
    "Progress",
    "Report",
    "Scaling",
    "State",
    "Stopping",
    "Table",
    "can_score",
    "classes",
    "fields",
    "fit",
    "fit_scaling",
    "fit_scalings",
    "fresh_state",
    "initial_state",
    "load_checkpoint",
    "make_inputs",
    "make_table",
    "outputs",
    "parameter_sizes",
    "predictions",
    "progress_line",
    "read_inputs",
    "read_table",
    "save_checkpoint",
    "scaled",
    "scaled_inputs",
    "score",
    "silent",
    "split",
]
