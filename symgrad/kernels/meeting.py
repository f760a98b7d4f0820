"""The text by which threads share work: tickets that each is taken once, and a place to wait for the others.

Numba has no atomic operations; an intrinsic of a few lines emits the instruction.  Beside each stands what
it means in plain Python, which is what runs where nothing is compiled.  Whoever is awake takes the next
ticket.  Whoever waits asks a thousand times and then lets others have the core; where helpers are often
without one, they rest.  A busy machine thus takes away what the helpers bring, and little more.
"""

MEETING = '''TAKEN, FINISHED, FAILED, ENDED, COMPLETED, REST, PAUSE = 0, 8, 16, 24, 25, 32, 33
"""Where a board counts tickets, says that a thread failed or that training ends, counts epochs, and says
before which ticket helpers rest, and for how many they rest next."""
BOARD, FIRST_PAUSE, LONGEST_PAUSE = 40, 256, 65536
LOCK = threading.Lock()
YIELD = types.ExternalFunction("SwitchToThread" if config.IS_WIN32 else "sched_yield", types.int32())


def look(board, place):
    """Read what other threads write."""
    return board[place]


def add(board, place):
    """Add 1, whatever other threads do at that moment."""
    with LOCK:
        board[place] += 1


def swap(board, place, old):
    """Add 1 if `old` still stands there, and say whether it did."""
    with LOCK:
        same = board[place] == old
        board[place] += same
    return same


def give_way():
    """Let another thread have the core."""
    time.sleep(0)


@intrinsic
def atomic_look(_typing, board, place):
    """Emit a load."""
    def emit(context, builder, signature, arguments):
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        return builder.load_atomic(builder.gep(data, [arguments[1]]), "seq_cst", 8)
    return types.int64(board, types.int64), emit


@intrinsic
def atomic_add(_typing, board, place):
    """Emit an addition of 1."""
    def emit(context, builder, signature, arguments):
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        one = context.get_constant(types.int64, 1)
        return builder.atomic_rmw("add", builder.gep(data, [arguments[1]]), one, "seq_cst")
    return types.int64(board, types.int64), emit


@intrinsic
def atomic_swap(_typing, board, place, old):
    """Emit a comparison with an addition of 1 if it holds."""
    def emit(context, builder, signature, arguments):
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        new = builder.add(arguments[2], context.get_constant(types.int64, 1))
        pair = builder.cmpxchg(builder.gep(data, [arguments[1]]), arguments[2], new, "seq_cst")
        return builder.extract_value(pair, 1)
    return types.boolean(board, types.int64, types.int64), emit


@overload(look)
def look_compiled(board, place):
    """Read an entry."""
    return lambda board, place: atomic_look(board, place)


@overload(add)
def add_compiled(board, place):
    """Count."""
    def count(board, place):
        atomic_add(board, place)
    return count


@overload(swap)
def swap_compiled(board, place, old):
    """Count if nobody else did."""
    return lambda board, place, old: atomic_swap(board, place, old)


@overload(give_way)
def give_way_compiled():
    """Ask the operating system."""
    def give():
        YIELD()
    return give


@register_jitable(no_cfunc_wrapper=True)
def take(board, helper, end):
    """Return the number of the next ticket, nobody else's; -1 if none before `end` is to be had."""
    ticket = look(board, TAKEN)
    while ticket < end and not (helper and ticket < look(board, REST)):
        if swap(board, TAKEN, ticket):
            return ticket
        ticket = look(board, TAKEN)
    return -1


@register_jitable(no_cfunc_wrapper=True)
def finished(board, helper, end):
    """Wait until the work for all tickets before `end` is done; return False if a thread failed.

    Where that took LONG a helper had no core: helpers then rest for some tickets, each time for longer, and
    for fewer again as long as they keep up.
    """
    tries = 0
    while look(board, FINISHED) < end:
        if look(board, FAILED) != 0:
            return False
        tries += 1
        if tries % 1000 == 0:
            give_way()
    if tries > LONG and not helper:
        board[REST] = end + board[PAUSE]
        board[PAUSE] = min(2*board[PAUSE], LONGEST_PAUSE)
    elif not helper and end > board[REST]:
        board[PAUSE] = max(board[PAUSE] - 1, FIRST_PAUSE)
    return True


def together(work, members, board):
    """Let helpers work beside this thread; where one fails, all end, and what it raised is raised here."""
    problems = []

    def run():
        try:
            work(True)
        except BaseException as problem:
            problems.append(problem)
            board[FAILED] = 1

    threads = [threading.Thread(target=run) for _ in range(1, members)]
    try:
        for thread in threads:
            thread.start()
        work(False)
    except BaseException:
        board[FAILED] = 1
        raise
    finally:
        for thread in threads:
            if thread.ident is not None:
                thread.join()
    if problems:
        raise problems[0]
'''
