"""Functions of one number at a time, which the next line waits for.

Where single samples are trained by straight-line code, nothing is computed side by side, and how long a step
takes is how long its chain of operations is.  A table of powers shortens it: |r| is at most log 2 / 128,
degree 5 does, and what is looked up arrives while the polynomial is worked out; arguments beyond the range of
float64 are a branch, for which nothing waits.  A loop over many numbers is better off without all this: LLVM
makes vector instructions of polynomials only.

log 2 / 64 is split after 36 bits, so that its product with k is exact; the coefficients interpolate
(e^r - 1 - r)/r^2 at the nodes of Chebyshev.  The powers are 2^(i/64), each rounded to the nearest float64.
"""

from collections.abc import Mapping

from symgrad.kernels.elementary.helper import Helper

POWERS = """
# 2^(i/64) for i = 0, 1, ..., 63
POWERS = np.array([
    1.0, 1.0108892860517005, 1.0218971486541166, 1.0330248790212284,
    1.0442737824274138, 1.0556451783605572, 1.0671404006768237, 1.0787607977571199,
    1.0905077326652577, 1.102382583307841, 1.1143867425958924, 1.1265216186082418,
    1.1387886347566916, 1.1511892299529827, 1.1637248587775775, 1.1763969916502812,
    1.189207115002721, 1.202156731452703, 1.215247359980469, 1.22848053610687,
    1.241857812073484, 1.255380757024691, 1.2690509571917332, 1.2828700160787783,
    1.2968395546510096, 1.3109612115247644, 1.3252366431597413, 1.339667524053303,
    1.3542555469368927, 1.3690024229745905, 1.383909881963832, 1.3989796725383112,
    1.4142135623730951, 1.42961333839197, 1.4451808069770467, 1.460917794180647,
    1.4768261459394993, 1.4929077282912648, 1.5091644275934228, 1.5255981507445384,
    1.5422108254079407, 1.559004400237837, 1.5759808451078865, 1.593142151342267,
    1.6104903319492543, 1.6280274218573478, 1.645755478153965, 1.6636765803267364,
    1.681792830507429, 1.7001063537185235, 1.718619298122478, 1.7373338352737062,
    1.7562521603732995, 1.7753764925265212, 1.7947090750031072, 1.8142521755003989,
    1.8340080864093424, 1.8539791250833855, 1.8741676341103, 1.8945759815869656,
    1.9152065613971474, 1.9360617934922943, 1.9571441241754002, 1.978456026387951,
])
"""

ONE_AT_A_TIME: Mapping[str, Helper] = {
    "sigmoid_of_one": Helper('''
def sigmoid_of_one(u):
    """Return 1/(1 + e^-u), {within}, for one number at a time; computed in float64.

    e^-u = 2^(k/64) e^r, k a whole number: the power is looked up while the polynomial e^r - 1 is worked out.
    The value is m/(m + m e^-u), m = 2^-60: from -747 to 667 nothing overflows; beyond, it is 0 or 1.
    """
    v, m = np.float64(u), 8.673617379884035e-19
    if not abs(v + 40.0) < 707.0:
        return type(u)(between(v, 0.0, 1.0))
    rounded = v * -92.33248261689366 + 6755399441055744.0
    k = rounded - 6755399441055744.0
    r = -v - k * 0.010830424696223417
    r2 = r * r
    low, high = 0.49999999999985073 + r * 0.16666666666664534, 0.04166670739519196 + r * 0.008333339151693497
    p = r + r2 * (low + r2 * high)
    bits = np.float64(rounded).view(np.int64)
    power = POWERS[bits & 63] * np.int64(((bits >> 6) + 963) << 52).view(np.float64)
    power = power - power * (k * 2.572804622327669e-14)
    return type(u)(m / ((m + power) + power * p))
''', ("between",), POWERS),
}  # fmt: skip
