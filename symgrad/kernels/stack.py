"""The text by which vectors for which there is no register lie in whole cache lines.

LLVM puts what does not fit into registers on the stack, and aligns that to 16 bytes only.  A vector of 64
bytes may so lie across two lines, and one of them across two pages, which costs a loop up to half its time
again: which one it is depends on where the system put the stack, so that a process is fast or slow.
"""

ALIGN_STACK = '''def align_stack():
    """Begin the stack of a function with a whole cache line: nothing that Python would have to do."""


@intrinsic
def alignment(_typing):
    """Ask LLVM for it; llvmlite writes this wish beside another one only."""
    def emit(context, builder, signature, arguments):
        builder.function.attributes.add("nounwind")
        builder.function.attributes.alignstack = 64
        return context.get_dummy_value()
    return types.none(), emit


@overload(align_stack, inline="always")
def align_compiled_stack():
    """Do it for the function that calls."""
    return lambda: alignment()
'''
