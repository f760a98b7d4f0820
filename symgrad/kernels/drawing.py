"""The texts of what draws by chance while a kernel trains: the order of the rows, inputs that are drawn."""

ORDER = '''@register_jitable(no_cfunc_wrapper=True, error_model="numpy")
def reorder(order, random_state):
    """Shuffle the numbers of the rows (Fisher and Yates); xorshift, its state the caller's."""
    for n in range(order.shape[0]):
        order[n] = n
    s = random_state[0]
    if s == np.uint64(0):
        s = np.uint64(88172645463325252)
    for n in range(order.shape[0] - 1, 0, -1):
        s ^= s << np.uint64(13)
        s ^= s >> np.uint64(7)
        s ^= s << np.uint64(17)
        k = np.int64(s % np.uint64(n + 1))
        order[n], order[k] = order[k], order[n]
    random_state[0] = s
'''

DRAW = '''@register_jitable(no_cfunc_wrapper=True, error_model="numpy")
def draw(numbers, limit, random_state):
    """Fill an array with zeros, and ones where xorshift gives at most `limit`; its state the caller's."""
    flat = numbers.reshape(-1)
    s = random_state[0]
    if s == np.uint64(0):
        s = np.uint64(88172645463325252)
    for k in range(flat.shape[0]):
        s ^= s << np.uint64(13)
        s ^= s >> np.uint64(7)
        s ^= s << np.uint64(17)
        flat[k] = s <= limit
    random_state[0] = s
'''
