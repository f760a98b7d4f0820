"""All layers: importing this module fills the table."""

from symgrad.model.layers.affine import dense, embedding, positions, transposed
from symgrad.model.layers.attention import attention, multi_head_attention
from symgrad.model.layers.convolution import (
    avg_pool,
    conv1d,
    conv2d,
    conv_transpose1d,
    conv_transpose2d,
    global_avg_pool,
    max_pool,
)
from symgrad.model.layers.joining import add, concat, dropout, flatten, multiply, residual
from symgrad.model.layers.normalisation import batch_norm, layer_norm, rms_norm
from symgrad.model.layers.recurrent import gru, lstm, rnn
from symgrad.model.layers.registry import LAYERS, Layer, Step, layer
from symgrad.model.layers.repeating import repeat, stack

__all__ = [
    "LAYERS",
    "Layer",
    "Step",
    "add",
    "attention",
    "avg_pool",
    "batch_norm",
    "concat",
    "conv1d",
    "conv2d",
    "conv_transpose1d",
    "conv_transpose2d",
    "dense",
    "dropout",
    "embedding",
    "flatten",
    "global_avg_pool",
    "gru",
    "layer",
    "layer_norm",
    "lstm",
    "max_pool",
    "multi_head_attention",
    "multiply",
    "positions",
    "repeat",
    "residual",
    "rms_norm",
    "rnn",
    "stack",
    "transposed",
]
