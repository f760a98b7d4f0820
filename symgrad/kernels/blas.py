"""The text of a product that changes an array by one call of BLAS.

``np.dot`` has no such form.  Numba registers the address of gemm under a name of its own, so that compiled
code that calls it can be kept on disk; the name is internal to Numba, hence pinned by a test.  Rows stand
first in memory here and columns in BLAS, which therefore changes outᵀ by rightᵀ leftᵀ.
"""

SET_PRODUCT = '''GEMM = types.ExternalFunction(
    "numba_xxgemm",
    types.int32(
        types.char, types.char, types.char, types.intp, types.intp, types.intp, types.voidptr, types.voidptr,
        types.intp, types.voidptr, types.intp, types.voidptr, types.voidptr, types.intp,
    ),
)


def set_product(out, keep, rate, left, right):
    """Set out to keep · out + rate · left right."""
    out[:] = keep*out + rate*np.dot(left, right)


@overload(set_product)
def set_product_by_blas(out, keep, rate, left, right):
    """Do it in one call of BLAS, without an array for the product; factors may be parts of matrices."""
    kind, plain, turned = ord("s" if out.dtype == types.float32 else "d"), ord("n"), ord("t")

    def change(out, keep, rate, left, right):
        rows, columns = out.shape
        left_turned, right_turned = left.strides[1] != left.itemsize, right.strides[1] != right.itemsize
        left_step = left.strides[1 if left_turned else 0]//left.itemsize
        right_step = right.strides[1 if right_turned else 0]//right.itemsize
        factors = np.empty(2, out.dtype)
        factors[0], factors[1] = rate, keep
        GEMM(
            kind, turned if right_turned else plain, turned if left_turned else plain, columns, rows,
            left.shape[1], factors.ctypes, right.ctypes, right_step, left.ctypes, left_step,
            factors[1:].ctypes, out.ctypes, columns,
        )

    return change
'''
