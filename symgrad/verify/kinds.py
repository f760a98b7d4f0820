"""The kinds of mistakes that are told apart, and what each means."""

from collections.abc import Mapping

KINDS: Mapping[str, str] = {
    "missing_activation_derivative": "the derivative of an activation was left out, on all paths or on one",
    "extra_activation_derivative": "the derivative of an activation was multiplied in once too often",
    "wrong_activation_derivative": "a factor stands for the derivative of an activation, but is another one",
    "derivative_at_wrong_argument": "the right derivative, taken at the wrong quantity",
    "wrong_sign": "the sign of the whole, or of one term",
    "factor_2": "a factor 2 or 1/2, on the whole or on one term",
    "constant_factor": "another constant factor",
    "missing_batch_mean": "the loss is a mean over the samples, the gradient a sum",
    "bias_not_summed": "a broadcast or shared parameter's gradient was not summed over samples or steps",
    "wrong_axis": "a sum or a softmax along the wrong axis",
    "transpose": "a transpose, or the order of the factors of a product",
    "shape_only": "the formula has no value, or one of another shape",
    "wrong_layer": "a quantity of another layer, gate or time step",
    "updated_weight_used": "a weight that the step had already changed was used for an earlier layer",
    "softmax_diagonal_only": "only the diagonal of softmax's Jacobian was used",
    "forgot_sum_over_paths": "one of several paths to the loss was left out",
    "missing_chain_factor": "a factor of the chain was left out that is no activation's derivative",
    "missing_regularizer_term": "the term of a penalty was left out",
    "kernel_not_flipped": "a convolution without the turn of its kernel, or with a wrong one",
    "missing_shared_weight_term": "one use of a shared weight was left out",
    "wrong_path": "the gradient was sent along a path that it does not take",
    "misplaced_parenthesis": "a bracket stands in the wrong place",
    "wrong_operand": "another array or entry stands where the right factor belongs",
    "extra_chain_factor": "a factor of the chain was counted twice",
    "other": "something else, said in words",
}
