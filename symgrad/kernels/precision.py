"""The text of the guard of sums that cancel."""

PRECISE = '''@register_jitable(no_cfunc_wrapper=True, error_model="numpy")
def precise(magnitude, value, array):
    """Whether at least half of the digits are left of a sum, `magnitude` being that of its terms."""
    most = 1.0 / math.sqrt(np.finfo(array.dtype).eps)
    return magnitude - most*abs(value) <= 0.0
'''
