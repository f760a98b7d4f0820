"""The text of a matrix product of the kernel's own.

BLAS copies both factors before it multiplies, which costs it a fourth of the time at the batches of training.
Here a tile of the result stays in registers; the left factor is read where it stands, in either layout, and
the right one is copied by the first tile that reads it (the inner loops of Goto and van de Geijn 2008).

Every entry is summed in one order, whatever the width of a tile: with fused multiplication, results do not
depend on the processor.  Without AVX-512 tiles are narrower.
"""

TILES = '''def bytes_of_tile():
    """Return the bytes in a row of a tile: as many as the registers hold of six rows."""
    return 256 if "+avx512f" in get_host_cpu_features() else 64


WIDE = bytes_of_tile()
NARROW = 64  # the same at the right edge
DEPTH = 256  # rows of the right factor that are read together: they stay in the cache, as wide as a tile


def emit_tile(context, builder, signature, arguments):
    """Write the code of `set_tile` for its types: loads, products and stores of whole vectors."""
    out, left, right, copy, top, depth, columns, keep, rate, _ = arguments
    all_columns, no_copy = signature.args[6] is types.none, signature.args[3] is types.none
    number, rows = signature.args[8].bitwidth // 8, signature.args[9].literal_value
    width = (WIDE if all_columns else NARROW) // number
    vector, integer = ir.VectorType(rate.type, width), ir.IntType(32)

    def place(matrix, i, j, kind):
        start, down, along = (builder.extract_value(matrix, k) for k in range(3))
        address = builder.add(start, builder.add(builder.mul(down, i), builder.mul(along, j)))
        return builder.inttoptr(address, kind.as_pointer())

    def spread(value):
        first = builder.insert_element(ir.VectorType(value.type, width)(None), value, integer(0))
        return builder.shuffle_vector(first, first, ir.VectorType(integer, width)(None))

    def multiply_add(one, other, more):
        return builder.fadd(builder.fmul(one, other, flags=["contract"]), more, flags=["contract"])

    def masked(name, returned, *given):
        order = ir.VectorType(integer, width)(list(range(width)))
        mask = builder.icmp_signed("<", order, spread(builder.trunc(columns, integer)))
        values = [mask if value is None else value for value in given]
        kind = ir.FunctionType(returned, [value.type for value in values])
        name = f"llvm.masked.{name}.v{width}{rate.type.intrinsic_name}.p0"
        return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), values)

    def load(address):
        if all_columns:
            return builder.load(address, align=number)
        return masked("load", vector, address, integer(number), None, vector(None))

    def store(value, address):
        if all_columns:
            return builder.store(value, address, align=number)
        return masked("store", ir.VoidType(), value, address, integer(number), None)

    zero = depth.type(0)
    places = [builder.add(top, depth.type(i)) for i in range(rows)]
    sums = [cgutils.alloca_once_value(builder, vector(None)) for _ in range(rows)]
    with cgutils.for_range(builder, depth) as loop:
        row = load(place(right, loop.index, zero, vector))
        if not no_copy:
            builder.store(row, place(copy, loop.index, zero, vector), align=number)
        for i, total in zip(places, sums):
            factor = builder.load(place(left, i, loop.index, rate.type))
            builder.store(multiply_add(spread(factor), row, builder.load(total)), total)
    forgets = builder.fcmp_ordered("==", keep, rate.type(0.0))
    for i, total in zip(places, sums):
        address = place(out, i, zero, vector)
        before = builder.select(forgets, vector(None), load(address))
        change = builder.fmul(spread(rate), builder.load(total))
        store(multiply_add(spread(keep), before, change), address)
    return context.get_dummy_value()


@intrinsic(prefer_literal=True)
def set_tile(typing, out, left, right, copy, top, depth, columns, keep, rate, rows):
    """Set some rows of out, from top on, to keep · out + rate · left right, the sums in registers.

    A matrix is its address, the bytes from row to row and those from entry to entry.  The rows have WIDE
    bytes, or NARROW where columns says how many of these there are.  Unless copy is None, what is read of
    right is copied to it.  With keep = 0 it does not matter what out has been.
    """
    return types.void(out, left, right, copy, top, depth, columns, keep, rate, rows), emit_tile


@njit(inline="always", error_model="numpy")
def set_strip(out, left, right, copy, rows, depth, columns, keep, rate):
    """Set a strip of out from top to bottom; the first tile copies what the others read of right."""
    top, source = 0, right
    if rows >= 6:
        set_tile(out, left, right, copy, top, depth, columns, keep, rate, 6)
        top, source = 6, copy
    while top + 6 <= rows:
        set_tile(out, left, source, None, top, depth, columns, keep, rate, 6)
        top += 6
    while top + 2 <= rows:
        set_tile(out, left, source, None, top, depth, columns, keep, rate, 2)
        top += 2
    if top < rows:
        set_tile(out, left, source, None, top, depth, columns, keep, rate, 1)


@njit(cache=True, nogil=True, no_cfunc_wrapper=True, forceinline=False, error_model="numpy")
def set_tiles(out, left, right, rows, columns, inner, keep, rate, number):
    """Set out to keep · out + rate · left right, strip by strip, DEPTH rows of right at a time."""
    room = np.empty(DEPTH*WIDE, np.uint8)
    copy = np.intp(room.ctypes.data), np.intp(WIDE), number
    for k in range(0, inner, DEPTH):
        depth, j = min(DEPTH, inner - k), 0
        held = keep if k == 0 else type(keep)(1)
        while j < columns:
            strip = out[0] + j*out[2], out[1], out[2]
            factor = left[0] + k*left[2], left[1], left[2]
            source = right[0] + k*right[1] + j*right[2], right[1], right[2]
            if (columns - j)*number >= WIDE:
                set_strip(strip, factor, source, copy, rows, depth, None, held, rate)
                j += WIDE//number
            else:
                set_strip(strip, factor, source, copy, rows, depth, columns - j, held, rate)
                j += NARROW//number
    return room.size


PLAIN = config.DISABLE_JIT


@njit(inline="always", error_model="numpy")
def set_in_tiles(out, keep, rate, left, right):
    """Set out to keep · out + rate · left right; the rows of out and of right are contiguous."""
    if PLAIN:
        out[:] = rate*np.dot(left, right) + (keep*out if keep != 0 else 0)
    else:
        set_tiles(
            (np.intp(out.ctypes.data), out.strides[0], out.strides[1]),
            (np.intp(left.ctypes.data), left.strides[0], left.strides[1]),
            (np.intp(right.ctypes.data), right.strides[0], right.strides[1]),
            out.shape[0], out.shape[1], left.shape[1],
            out.dtype.type(keep), out.dtype.type(rate), out.itemsize,
        )
'''
