"""Backward passes in the many ways people write NumPy: right ones, each with the same one gone wrong.

Each has the arrays, the array to derive by, the forward pass, the gradient, and a text in the gradient with
what takes its place in the wrong one.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Style:
    arrays: dict[str, list[Any]]
    wrt: str
    forward: str
    claimed: str
    slip: tuple[str, str]

    @property
    def wrong(self) -> str:
        assert self.claimed.count(self.slip[0]) == 1, self.slip
        return self.claimed.replace(*self.slip)


def n(*lengths: int) -> list[Any]:
    return ["normal", *lengths]


STYLES = {
    "loop over samples": Style(
        {"X": n(4, 3), "W": n(3, 2), "Y": n(4, 2)},
        "W",
        """
L = 0
for i in range(X.shape[0]):
    out = np.tanh(X[i] @ W)
    L += 0.5*((out - Y[i])**2).sum()
""",
        """
G = np.zeros(W.shape)
for i in range(len(X)):
    out = np.tanh(X[i] @ W)
    G += np.outer(X[i], (out - Y[i])*(1 - out**2))
""",
        ("np.outer(X[i],", "2*np.outer(X[i],"),
    ),
    "one-hot by index assignment": Style(
        {"Z": n(4, 3), "ids": ["ids", 3, 4]},
        "Z",
        """
onehot = np.zeros((4, 3))
onehot[np.arange(4), ids] = 1
e = np.exp(Z - np.max(Z, axis=1, keepdims=True))
P = e / e.sum(axis=1, keepdims=True)
L = -np.mean(np.log(P[range(4), ids]))
""",
        """
G = P.copy()
G[np.arange(4), ids] -= 1
G /= len(ids)
""",
        ("-= 1", "-= 2"),
    ),
    "one-hot by np.eye": Style(
        {"Z": n(4, 3), "ids": ["ids", 3, 4]},
        "Z",
        """
Y = np.eye(3)[ids]
P = np.exp(Z) / np.exp(Z).sum(1)[:, None]
L = -(Y*np.log(P)).sum() / 4
""",
        "G = (P - Y) / 4",
        ("P - Y", "Y - P"),
    ),
    "embedding with np.add.at": Style(
        {"E": n(5, 3), "ids": ["ids", 5, 6], "g": n(6, 3)},
        "E",
        "L = np.sum(g*np.tanh(E[ids]))",
        """
G = np.zeros_like(E)
np.add.at(G, ids, g*(1 - np.tanh(E[ids])**2))
""",
        ("np.add.at(G, ids, g*(1 - np.tanh(E[ids])**2))", "G[ids] = g*(1 - np.tanh(E[ids])**2); G[0] += 1"),
    ),
    "relu by boolean assignment": Style(
        {"X": n(4, 3), "W": n(3, 5), "V": n(5, 2), "Y": n(4, 2)},
        "W",
        """
h = X.dot(W)
a = h.copy()
a[a < 0] = 0
L = np.square(a.dot(V) - Y).sum()
""",
        """
d = 2*(a.dot(V) - Y)
dh = d.dot(V.T)
dh[h <= 0] = 0
G = X.T.dot(dh)
""",
        ("h <= 0", "h >= 0"),
    ),
    "leaky relu by mask in place": Style(
        {"x": n(6), "g": n(6)},
        "x",
        """
y = x.copy()
y[x < 0] *= 0.01
L = g @ y
""",
        """
G = np.ones_like(x)
G[x < 0] = 0.01
G *= g
""",
        ("= 0.01", "= 0.1"),
    ),
    "elu by selected entries": Style(
        {"x": n(6), "g": n(6)},
        "x",
        """
m = x < 0
y = x.copy()
y[m] = 1.5*(np.exp(x[m]) - 1)
L = np.dot(g, y)
""",
        """
G = np.where(x > 0, 1.0, y + 1.5)*g
""",
        ("y + 1.5", "y + 1"),
    ),
    "astype of a mask": Style(
        {"x": n(3, 2), "g": n(3, 2)},
        "x",
        "L = np.sum(g*np.maximum(x, 0.2*x))",
        """
m = (x > 0).astype(np.float64)
G = g*(m + 0.2*(1 - m))
""",
        ("1 - m", "m"),
    ),
    "np.int64 of a mask": Style(
        {"x": n(3, 2), "g": n(3, 2)},
        "x",
        "L = np.sum(g*np.abs(x))",
        "G = np.multiply(g, np.int64(x > 0) - np.int64(x < 0))",
        ("np.int64(x < 0)", "2*np.int64(x < 0)"),
    ),
    "clip": Style(
        {"x": n(5), "g": n(5)},
        "x",
        "L = (g*np.clip(x, -0.5, 0.5)**2).sum()",
        "G = 2*g*np.clip(x, -0.5, 0.5)*((x > -0.5) & (x < 0.5))",
        ("&", "|"),
    ),
    "huber by where": Style(
        {"r": n(6)},
        "r",
        "d = 0.7\nL = np.where(np.abs(r) <= d, 0.5*r**2, d*(np.abs(r) - 0.5*d)).sum()",
        "G = np.where(np.abs(r) <= d, r, d*np.sign(r))",
        ("d*np.sign(r)", "d"),
    ),
    "hinge in loops": Style(
        {"W": n(3, 4), "X": n(5, 3), "ids": ["ids", 4, 5], "reg": ["pos"]},
        "W",
        """
L = 0.0
for i in range(5):
    scores = X[i].dot(W)
    for j in range(4):
        if j == ids[i]:
            continue
        margin = scores[j] - scores[ids[i]] + 1
        if margin > 0:
            L += margin
L /= 5
L += reg*np.sum(W*W)
""",
        """
G = np.zeros(W.shape)
for i in range(5):
    scores = X[i].dot(W)
    for j in range(4):
        if j == ids[i]:
            continue
        if scores[j] - scores[ids[i]] + 1 > 0:
            G[:, j] += X[i]
            G[:, ids[i]] -= X[i]
G = G/5 + 2*reg*W
""",
        ("-= X[i]", "-= 0*X[i]"),
    ),
    "python's max": Style(
        {"w": n(3), "x": n(4, 3), "y": ["sign", 4]},
        "w",
        "L = sum(max(0, 1 - y[i]*w.dot(x[i])) for i in range(4)) + 0.5*w.dot(w)",
        "G = w - sum(y[i]*x[i]*(y[i]*w.dot(x[i]) < 1) for i in range(4))",
        ("w - sum", "-w - sum"),
    ),
    "max pooling": Style(
        {"x": n(4, 4), "g": n(2, 2)},
        "x",
        "p = x.reshape(2, 2, 2, 2).max(axis=(1, 3))\nL = (g*p).sum()",
        """
up = lambda a: a.repeat(2, axis=0).repeat(2, axis=1)
G = up(g)*(x == up(p))
""",
        ("x == up(p)", "x >= 0"),
    ),
    "max pooling by argmax": Style(
        {"x": n(2, 6), "g": n(2, 3)},
        "x",
        """
w = x.reshape(2, 3, 2)
k = w.argmax(-1)
L = (g*np.take_along_axis(w, k[..., None], -1)[..., 0]).sum()
""",
        """
d = np.zeros_like(w)
np.put_along_axis(d, k[..., None], g[..., None], axis=-1)
G = d.reshape(x.shape)
""",
        ("g[..., None]", "2*g[..., None]"),
    ),
    "convolution by windows": Style(
        {"x": n(5, 5), "k": n(3, 3), "g": n(3, 3)},
        "k",
        """
w = np.lib.stride_tricks.sliding_window_view(x, (3, 3))
L = np.sum(g*np.einsum("abij,ij->ab", w, k))
""",
        "G = np.einsum('abij,ab->ij', w, g)",
        ("ab->ij", "ba->ij"),
    ),
    "convolution by strides": Style(
        {"x": n(6), "k": n(3), "g": n(4)},
        "x",
        """
s = x.strides[0]
cols = np.lib.stride_tricks.as_strided(x, shape=(4, 3), strides=(s, s))
L = g @ (cols @ k)
""",
        "G = np.convolve(g, k)",
        ("np.convolve(g, k)", "np.convolve(g, k[::-1])"),
    ),
    "convolution in six loops": Style(
        {"x": n(2, 4, 4), "w": n(3, 2, 2, 2), "b": n(3), "g": n(3, 3, 3)},
        "x",
        """
out = np.zeros((3, 3, 3))
for f in range(3):
    for i in range(3):
        for j in range(3):
            out[f, i, j] = np.sum(x[:, i:i+2, j:j+2]*w[f]) + b[f]
L = np.sum(g*out)
""",
        """
G = np.zeros_like(x)
for f in range(3):
    for i in range(3):
        for j in range(3):
            G[:, i:i+2, j:j+2] += g[f, i, j]*w[f]
""",
        ("+= g[f, i, j]*w[f]", "+= g[f, i, j]*w[f][:, ::-1]"),
    ),
    "padding": Style(
        {"x": n(3, 3), "k": n(3, 3), "g": n(3, 3)},
        "k",
        """
xp = np.pad(x, ((1, 1), (1, 1)), mode='constant')
out = np.array([[(xp[i:i+3, j:j+3]*k).sum() for j in range(3)] for i in range(3)])
L = (out*g).sum()
""",
        """
G = np.empty((3, 3))
for a in range(3):
    for b in range(3):
        G[a, b] = np.sum(xp[a:a+3, b:b+3]*g)
""",
        ("a:a+3, b:b+3", "b:b+3, a:a+3"),
    ),
    "scipy.signal": Style(
        {"x": n(4, 4), "k": n(2, 2), "g": n(3, 3)},
        "x",
        "from scipy.signal import convolve2d, correlate2d\nL = np.sum(g*correlate2d(x, k, mode='valid'))",
        "G = convolve2d(g, k, mode='full')",
        ("convolve2d", "correlate2d"),
    ),
    "scipy.special": Style(
        {"z": n(4, 3), "y": ["rowprob", 4, 3]},
        "z",
        "from scipy.special import logsumexp, softmax as sm\nL = np.sum(logsumexp(z, axis=1) - (y*z).sum(1))",
        "G = sm(z, axis=1) - y",
        ("axis=1", "axis=0"),
    ),
    "gelu": Style(
        {"x": n(4), "g": n(4)},
        "x",
        "from scipy.stats import norm\nL = g @ (x*norm.cdf(x))",
        "G = g*(norm.cdf(x) + x*norm.pdf(x))",
        ("x*norm.pdf(x)", "norm.pdf(x)"),
    ),
    "gelu by tanh": Style(
        {"x": n(3), "g": n(3)},
        "x",
        "import math\nc = math.sqrt(2/math.pi)\nt = np.tanh(c*(x + 0.044715*x**3))\nL = g @ (0.5*x*(1 + t))",
        "G = g*(0.5*(1 + t) + 0.5*x*(1 - t*t)*0.7978845608028654*(1 + 3*0.044715*x**2))",
        ("3*0.044715", "2*0.044715"),
    ),
    "softplus by logaddexp": Style(
        {"x": n(4), "g": n(4)},
        "x",
        "L = g @ np.logaddexp(0, x)",
        "G = g/(1 + np.exp(-x))",
        ("-x", "x"),
    ),
    "log1p and expm1": Style(
        {"x": ["pos", 4], "g": n(4)},
        "x",
        "L = g @ (np.log1p(x) + np.expm1(-x))",
        "G = g*(1/(1 + x) - np.exp(-x))",
        ("1 + x", "2 + x"),
    ),
    "batch norm, step by step": Style(
        {"x": n(4, 2), "gamma": n(2), "beta": n(2), "dout": n(4, 2)},
        "x",
        """
N, D = x.shape
eps = 1e-5
mu = 1./N*np.sum(x, axis=0)
xmu = x - mu
sq = xmu ** 2
var = 1./N*np.sum(sq, axis=0)
sqrtvar = np.sqrt(var + eps)
ivar = 1./sqrtvar
xhat = xmu*ivar
out = gamma*xhat + beta
L = np.sum(out*dout)
""",
        """
dxhat = dout*gamma
divar = np.sum(dxhat*xmu, axis=0)
dxmu1 = dxhat*ivar
dsqrtvar = -1./(sqrtvar**2)*divar
dvar = 0.5*1./np.sqrt(var + eps)*dsqrtvar
dsq = 1./N*np.ones((N, D))*dvar
dxmu2 = 2*xmu*dsq
dx1 = (dxmu1 + dxmu2)
dmu = -1*np.sum(dxmu1 + dxmu2, axis=0)
dx2 = 1./N*np.ones((N, D))*dmu
G = dx1 + dx2
""",
        ("0.5*1./", "1./"),
    ),
    "group norm with newaxis": Style(
        {"x": n(2, 4, 3), "g": n(2, 4, 3)},
        "x",
        """
y = x.reshape(2, 2, -1)
m = y.mean(axis=-1, keepdims=True)
v = y.var(axis=-1, keepdims=True) + 1e-5
xh = ((y - m)/np.sqrt(v)).reshape(x.shape)
L = np.sum(g*xh)
""",
        """
h, z = g.reshape(2, 2, -1), xh.reshape(2, 2, -1)
d = (h - h.mean(-1)[..., np.newaxis] - z*(h*z).mean(-1)[..., np.newaxis])/np.sqrt(v)
G = d.reshape(x.shape)
""",
        ("- z*(h*z)", "+ z*(h*z)"),
    ),
    "attention with a causal mask": Style(
        {"Q": n(3, 2), "K": n(3, 2), "V": n(3, 2), "g": n(3, 2)},
        "Q",
        """
S = Q @ K.T/np.sqrt(Q.shape[-1])
S = np.where(np.tril(np.ones((3, 3))) == 0, -np.inf, S)
A = np.exp(S - S.max(-1, keepdims=True))
A /= A.sum(-1, keepdims=True)
L = np.sum(g*(A @ V))
""",
        """
dA = g @ V.T
dS = A*(dA - (dA*A).sum(-1, keepdims=True))
G = dS @ K/np.sqrt(2)
""",
        ("dS @ K/np.sqrt(2)", "dS @ K/2"),
    ),
    "attention, mask by -1e9 in batches": Style(
        {"Q": n(2, 3, 2), "K": n(2, 3, 2), "V": n(2, 3, 2), "g": n(2, 3, 2)},
        "K",
        """
mask = np.triu(np.ones((3, 3), dtype=bool), k=1)
S = np.einsum('bid,bjd->bij', Q, K)/2**0.5
S[:, mask] = -1e9
e = np.exp(S)
A = e/e.sum(axis=-1, keepdims=True)
L = (g*np.matmul(A, V)).sum()
""",
        """
dA = np.matmul(g, V.transpose(0, 2, 1))
dS = A*(dA - np.sum(dA*A, axis=2, keepdims=True))
dS[:, mask] = 0
G = dS.swapaxes(1, 2) @ Q/2**0.5
""",
        ("dS.swapaxes(1, 2)", "dS"),
    ),
    "recurrent, lists backwards": Style(
        {"x": n(3, 2), "U": n(3, 2), "W": n(3, 3), "g": n(3, 3)},
        "W",
        """
hs = {-1: np.zeros(3)}
for t in range(3):
    hs[t] = np.tanh(U @ x[t] + W @ hs[t-1])
L = sum(np.dot(g[t], hs[t]) for t in range(3))
""",
        """
G, dnext = np.zeros_like(W), np.zeros_like(hs[0])
for t in reversed(range(3)):
    dh = g[t] + dnext
    dz = (1 - hs[t]*hs[t])*dh
    G += np.outer(dz, hs[t-1])
    dnext = np.dot(W.T, dz)
""",
        ("dnext = np.dot(W.T, dz)", "dnext = np.dot(W, dz)"),
    ),
    "lstm with split gates": Style(
        {"x": n(2, 2), "h": n(2, 2), "c": n(2, 2), "W": n(4, 8), "b": n(8), "g": n(2, 2)},
        "b",
        """
z = np.hstack([x, h]) @ W + b
zi, zf, zo, zg = np.split(z, 4, axis=1)
s = lambda u: 1/(1 + np.exp(-u))
i, f, o, gg = s(zi), s(zf), s(zo), np.tanh(zg)
cn = f*c + i*gg
L = np.sum(g*o*np.tanh(cn))
""",
        """
do = g*np.tanh(cn)
dc = g*o*(1 - np.tanh(cn)**2)
dz = np.concatenate([dc*gg*i*(1 - i), dc*c*f*(1 - f), do*o*(1 - o), dc*i*(1 - gg**2)], axis=1)
G = dz.sum(axis=0)
""",
        ("dc*gg*i*(1 - i)", "dc*i*(1 - i)"),
    ),
    "classes defined inside": Style(
        {"X": n(3, 2), "W1": n(2, 3), "W2": n(3, 2), "Y": n(3, 2)},
        "W1",
        """
class Dense:
    def __init__(self, W):
        self.W = W
    def forward(self, x):
        self.x = x
        return x @ self.W
    def backward(self, d):
        self.dW = self.x.T @ d
        return d @ self.W.T

class Sigmoid:
    def forward(self, x):
        self.y = 1.0/(1.0 + np.exp(-x))
        return self.y
    def backward(self, d):
        return d*self.y*(1 - self.y)

layers = [Dense(W1), Sigmoid(), Dense(W2), Sigmoid()]
a = X
for layer in layers:
    a = layer.forward(a)
L = 0.5*np.linalg.norm(a - Y)**2
""",
        """
d = a - Y
for layer in layers[::-1]:
    d = layer.backward(d)
G = layers[0].dW
""",
        ("d = a - Y", "d = Y - a"),
    ),
    "dataclass and namedtuple": Style(
        {"w": n(3), "x": n(3)},
        "w",
        """
from dataclasses import dataclass
from collections import namedtuple
import copy
@dataclass
class State:
    w: object
    scale: float = 0.5
Out = namedtuple("Out", "value cache")
def f(state, x):
    u = state.w*x
    return Out(state.scale*(u**2).sum(), copy.deepcopy(u))
out = f(State(w), x)
L = out.value
""",
        "G = out.cache*x",
        ("out.cache*x", "out.cache"),
    ),
    "inverse": Style(
        {"A": n(3, 3), "B": n(3, 3)},
        "A",
        "L = np.trace(B @ np.linalg.inv(A))",
        "Ai = np.linalg.inv(A)\nG = -(Ai @ B @ Ai).T",
        (".T", ""),
    ),
    "log determinant": Style(
        {"A": ["spd", 3]},
        "A",
        "sign, L = np.linalg.slogdet(A)",
        "G = np.linalg.inv(A).T",
        ("np.linalg.inv(A).T", "2*np.linalg.inv(A)"),
    ),
    "solve": Style(
        {"A": n(2, 2), "b": n(2), "c": n(2)},
        "b",
        "L = c @ np.linalg.solve(A, b)",
        "G = np.linalg.solve(A.T, c)",
        ("A.T", "A"),
    ),
    "determinant": Style(
        {"A": n(3, 3)},
        "A",
        "L = np.linalg.det(A)**2",
        "G = 2*np.linalg.det(A)**2*np.linalg.inv(A).T",
        ("**2*", "*"),
    ),
    "cholesky": Style(
        {"A": ["spd", 2], "b": n(2)},
        "b",
        "C = np.linalg.cholesky(A)\nL = 0.5*np.sum((C.T @ b)**2)",
        "G = A @ b",
        ("A @ b", "2*A @ b"),
    ),
    "pseudo-inverse and projection": Style(
        {"X": n(4, 2), "y": n(4)},
        "y",
        "P = X @ np.linalg.pinv(X)\nr = y - P @ y\nL = 0.5*r.T @ r",
        "G = r",
        ("= r", "= y"),
    ),
    "norm and cosine": Style(
        {"a": n(3), "b": n(3)},
        "a",
        "L = a.dot(b)/(np.linalg.norm(a)*np.linalg.norm(b))",
        "na, nb = np.linalg.norm(a), np.linalg.norm(b)\nG = b/(na*nb) - L*a/na**2",
        ("na**2", "na"),
    ),
    "symmetric matrix used": Style(
        {"x": n(3), "A": ["sym", 3]},
        "x",
        "L = x @ A @ x",
        "G = 2*A @ x",
        ("2*A", "A"),
    ),
    "orthonormal columns used": Style(
        {"U": ["orth", 4, 2], "x": n(4)},
        "x",
        "r = x - U @ U.T @ x\nL = r @ r",
        "G = 2*(x - U @ (U.T @ x))",
        ("2*(x", "2*(2*x"),
    ),
    "unit rows used": Style(
        {"u": ["unitrows", 3, 2], "v": n(2), "t": n(3)},
        "v",
        "L = 0.5*np.sum((u @ v - t)**2) + 0.5*np.sum(u**2)*np.sum(v**2)",
        "G = u.T @ (u @ v - t) + 3*v",
        ("3*v", "2*v"),
    ),
    "dropout mask": Style(
        {"x": n(4, 3), "m": ["keep", 0.5, 4, 3], "g": n(4, 3)},
        "x",
        "keep = 0.5\nL = np.sum(g*np.tanh(x*m/keep))",
        "G = g*(1 - np.tanh(x*m/keep)**2)*m/keep",
        (")**2)*m/keep", ")**2)*m"),
    ),
    "mask squared is the mask": Style(
        {"x": n(4, 3), "m": ["keep", 0.3, 4, 3]},
        "x",
        "L = 0.5*np.sum((m*x)**2)",
        "G = m*x",
        ("m*x", "x"),
    ),
    "labels squared are one": Style(
        {"w": n(3), "x": n(4, 3), "y": ["sign", 4]},
        "w",
        "L = np.sum((y - x @ w)**2)/2",
        "G = -x.T @ (y*(1 - y*(x @ w)))",
        ("(1 - y*", "(y - y*"),
    ),
    "counts": Style(
        {"lam": ["pos", 4], "k": ["count", 4]},
        "lam",
        "L = np.sum(lam - k*np.log(lam))",
        "G = 1 - k/lam",
        ("1 - k", "1 + k"),
    ),
    "KL with zeros": Style(
        {"q": ["prob", 4], "Y": ["onehot", 4]},
        "q",
        "L = np.sum(np.where(Y > 0, Y*np.log(np.where(Y > 0, Y, 1)/q), 0))",
        "G = -Y/q",
        ("-Y", "-1"),
    ),
    "adaline": Style(
        {"w": n(4), "X": n(5, 3), "y": ["sign", 5]},
        "w",
        """
net_input = np.dot(X, w[1:]) + w[0]
errors = y - net_input
L = (errors**2).sum()/2.0
""",
        """
G = np.zeros(1 + X.shape[1])
G[1:] -= X.T.dot(errors)
G[0] -= errors.sum()
""",
        ("G[0] -=", "G[0] +="),
    ),
    "matrix factorisation": Style(
        {"R": n(3, 4), "P": n(3, 2), "Q": n(2, 4), "m": ["keep", 0.6, 3, 4]},
        "P",
        """
L = 0
beta = 0.02
for i in range(3):
    for j in range(4):
        if m[i][j] > 0:
            eij = R[i][j] - np.dot(P[i, :], Q[:, j])
            L = L + pow(eij, 2)
            for k in range(2):
                L = L + (beta/2)*(pow(P[i][k], 2) + pow(Q[k][j], 2))
""",
        """
G = np.zeros(P.shape)
for i in range(3):
    for j in range(4):
        if m[i, j] > 0:
            eij = R[i][j] - np.dot(P[i, :], Q[:, j])
            for k in range(2):
                G[i][k] = G[i][k] - (2*eij*Q[k][j] - beta*P[i][k])
""",
        ("- beta", "+ beta"),
    ),
    "gaussian mixture": Style(
        {"x": n(4), "mu": n(2), "s": ["pos", 2], "pi": ["prob", 2]},
        "mu",
        """
comp = pi*np.exp(-0.5*((x[:, None] - mu)/s)**2)/(np.sqrt(2*np.pi)*s)
L = -np.log(comp.sum(axis=1)).sum()
""",
        """
r = comp/comp.sum(axis=1, keepdims=True)
G = -(r*(x[:, None] - mu)).sum(axis=0)/s**2
""",
        ("s**2", "s"),
    ),
    "Cox's partial likelihood": Style(
        {"b": n(2), "X": n(5, 2), "time": ["pos", 5], "event": ["label01", 5]},
        "b",
        """
order = np.argsort(-time)
Xo, d = X[order], event[order]
eta = Xo @ b
risk = np.cumsum(np.exp(eta))
L = -np.sum(d*(eta - np.log(risk)))
""",
        """
w = np.exp(eta)[:, None]
G = -np.sum(d[:, None]*(Xo - np.cumsum(w*Xo, axis=0)/risk[:, None]), axis=0)
""",
        ("w*Xo, axis=0", "w*Xo, axis=1"),
    ),
    "Kalman's recursion": Style(
        {"z": n(4), "q": ["pos"], "r": ["pos"]},
        "q",
        """
m, P, L = 0.0, 1.0, 0.0
for zt in z:
    P = P + q
    S = P + r
    K = P/S
    L = L + 0.5*np.log(S) + 0.5*(zt - m)**2/S
    m = m + K*(zt - m)
    P = (1 - K)*P
""",
        """
m, P, dm, dP, G = 0.0, 1.0, 0.0, 0.0, 0.0
for zt in z:
    P, dP = P + q, dP + 1
    S, dS = P + r, dP
    K, dK = P/S, dP/S - P*dS/S**2
    e, de = zt - m, -dm
    G = G + 0.5*dS/S + e*de/S - 0.5*e**2*dS/S**2
    m, dm = m + K*e, dm + dK*e + K*de
    P, dP = (1 - K)*P, (1 - K)*dP - dK*P
""",
        ("dm + dK*e + K*de", "dm + dK*e"),
    ),
    "hidden Markov forward algorithm": Style(
        {"A": ["rowprob", 2, 2], "B": ["rowprob", 2, 3], "p": ["prob", 2], "obs": ["ids", 3, 4]},
        "p",
        """
alpha = p*B[:, obs[0]]
for o in obs[1:]:
    alpha = (alpha @ A)*B[:, o]
L = -np.log(alpha.sum())
""",
        """
beta = np.ones(2)
for o in obs[:0:-1]:
    beta = A @ (B[:, o]*beta)
G = -B[:, obs[0]]*beta/alpha.sum()
""",
        ("A @ (B", "A.T @ (B"),
    ),
    "triplets with newaxis": Style(
        {"x": n(3, 2)},
        "x",
        "D = ((x[:, None, :] - x[None, :, :])**2).sum(-1)\nL = np.exp(-D).sum()",
        "E = np.exp(-D)\nG = -4*(E[:, :, None]*(x[:, None, :] - x[None, :, :])).sum(1)",
        ("-4", "-2"),
    ),
    "radial basis by cdist": Style(
        {"X": n(3, 2), "c": n(2, 2), "w": n(2), "y": n(3)},
        "c",
        """
phi = np.array([[np.exp(-np.sum((xi - cj)**2)) for cj in c] for xi in X])
e = phi.dot(w) - y
L = 0.5*np.dot(e, e)
""",
        """
G = np.zeros_like(c)
for j, (cj, wj) in enumerate(zip(c, w)):
    for i, xi in enumerate(X):
        G[j] += e[i]*wj*phi[i, j]*2*(xi - cj)
""",
        ("(xi - cj)", "(cj - xi)"),
    ),
    "sorting": Style(
        {"x": n(5), "g": n(5)},
        "x",
        "L = g @ np.sort(x)",
        "G = np.empty_like(x)\nG[np.argsort(x)] = g",
        ("= g", "= g[::-1]"),
    ),
    "top k": Style(
        {"x": n(5)},
        "x",
        "idx = np.argpartition(x, -2)[-2:]\nL = 0.5*np.sum(x[idx]**2)",
        "G = np.zeros(5)\nfor k in idx: G[k] = x[k]",
        ("x[k]", "2*x[k]"),
    ),
    "median": Style(
        {"x": n(5)},
        "x",
        "L = np.median(x)**2",
        "m = np.median(x)\nG = 2*m*(x == m)",
        ("2*m", "m"),
    ),
    "nonzero and unique": Style(
        {"x": n(6), "c": ["ids", 3, 6]},
        "x",
        """
L = 0
for k in np.unique(c):
    members = np.where(c == k)[0]
    L += x[members].mean()**2
""",
        """
G = np.zeros(6)
labels, counts = np.unique(c, return_counts=True)
for k, size in zip(labels, counts):
    G[c == k] = 2*x[c == k].mean()/size
""",
        ("/size", ""),
    ),
    "bincount": Style(
        {"x": n(6), "c": ["ids", 3, 6]},
        "x",
        "s = np.bincount(c, weights=x, minlength=3)\nL = 0.5*(s**2).sum()",
        "G = s[c]",
        ("s[c]", "2*s[c]"),
    ),
    "vectorize and apply_along_axis": Style(
        {"x": n(2, 3), "g": n(2)},
        "x",
        """
f = np.vectorize(lambda u: u**3 if u > 0 else u)
L = g @ np.apply_along_axis(lambda row: np.sum(row), 1, f(x))
""",
        "G = np.vectorize(lambda u: 3*u**2 if u > 0 else 1.0)(x)*g[:, None]",
        ("3*u**2", "2*u**2"),
    ),
    "piecewise and select": Style(
        {"x": n(5)},
        "x",
        "L = np.piecewise(x, [x < -0.5, x >= -0.5], [lambda u: u**2, lambda u: -u]).sum()",
        "G = np.select([x < -0.5], [2*x], default=-1)",
        ("2*x", "x"),
    ),
    "ix_ and negative strides": Style(
        {"A": n(4, 4), "g": n(2, 2)},
        "A",
        "r = [0, 2]\nL = np.sum(g*A[np.ix_(r, [3, 1])])",
        "G = np.zeros((4, 4))\nG[np.ix_(r, [1, 3])] = g[:, ::-1]",
        ("[:, ::-1]", ""),
    ),
    "ufunc methods and out": Style(
        {"x": n(3), "y": n(4)},
        "x",
        "M = np.multiply.outer(x, y)\nL = np.add.reduce(M**2, axis=None)",
        "G = np.empty(3)\nnp.multiply(x, 2*np.sum(y*y), out=G)",
        ("2*np", "np"),
    ),
    "products": Style(
        {"x": ["pos", 4]},
        "x",
        "L = np.prod(x) + np.cumprod(x)[-2]",
        """
left = np.append(1, np.cumprod(x)[:-1])
right = np.append(np.cumprod(x[::-1])[::-1][1:], 1)
G = left*right + np.prod(x[:-1])/x*np.array([1, 1, 1, 0])
""",
        ("[1, 1, 1, 0]", "[1, 1, 1, 1]"),
    ),
    "differences": Style(
        {"x": n(5)},
        "x",
        "L = 0.5*np.sum(np.diff(x)**2)",
        "d = np.diff(x)\nG = np.concatenate(([-d[0]], d[:-1] - d[1:], [d[-1]]))",
        ("[-d[0]]", "[d[0]]"),
    ),
    "r_, c_ and mgrid": Style(
        {"X": n(4, 2), "w": n(3), "y": n(4)},
        "w",
        "Xb = np.c_[np.ones(4), X]\nL = np.mean((Xb @ w - y)**2)/2",
        "e = Xb @ w - y\nG = np.r_[e.mean(), (X*e[:, None]).mean(0)]",
        ("e.mean()", "e.sum()"),
    ),
    "polynomial": Style(
        {"c": n(4), "x": n(3), "g": n(3)},
        "c",
        "L = g @ np.polyval(c, x)",
        "G = g @ np.vander(x, 4)",
        ("np.vander(x, 4)", "np.vander(x, 4, increasing=True)"),
    ),
    "trigonometric": Style(
        {"t": n(3), "g": n(3)},
        "t",
        "L = g @ (np.sin(2*t)*np.cos(t) + np.tan(t))",
        "G = g*(2*np.cos(2*t)*np.cos(t) - np.sin(2*t)*np.sin(t) + 1/np.cos(t)**2)",
        ("1/np.cos(t)**2", "1/np.cos(t)"),
    ),
    "hyperbolic": Style(
        {"x": ["unit", 3], "g": n(3)},
        "x",
        "L = g @ (np.arctanh(x) + np.cosh(x))",
        "G = g*(1/(1 - x**2) + np.sinh(x))",
        ("1 - x**2", "1 + x**2"),
    ),
    "focal loss with a power": Style(
        {"z": n(3), "gamma": ["const", 2.5], "y": ["label01", 3]},
        "z",
        """
p = 1/(1 + np.exp(-z))
pt = np.where(y == 1, p, 1 - p)
L = -np.sum((1 - pt)**gamma*np.log(pt))
""",
        """
dpt = gamma*(1 - pt)**(gamma - 1)*np.log(pt) - (1 - pt)**gamma/pt
G = dpt*np.where(y == 1, 1, -1)*p*(1 - p)
""",
        ("np.where(y == 1, 1, -1)", "np.where(y == 1, 1, 1)"),
    ),
    "wrong in one entry": Style(
        {"W": n(3, 4), "x": n(4), "y": n(3)},
        "W",
        "e = W @ x - y\nL = e @ e/2",
        "G = e[:, None]*x\nG[2, 3] += 0",
        ("+= 0", "+= 1e-6*x[0]"),
    ),
    "wrong by a millionth": Style(
        {"w": n(4), "X": n(5, 4)},
        "w",
        "L = np.log(np.cosh(X @ w)).sum()",
        "G = X.T @ np.tanh(X @ w)*1.0",
        ("1.0", "1.000001"),
    ),
    "contrastive pairs": Style(
        {"f": n(4, 2), "same": ["label01", 2]},
        "f",
        """
d = f[0::2] - f[1::2]
q = (d**2).sum(axis=1)
L = 0.5*np.sum(same*q + (1 - same)*np.maximum(2.0 - q, 0))
""",
        """
k = (same - (1 - same)*(q < 2.0))[:, np.newaxis]*d
G = np.zeros_like(f)
G[::2], G[1::2] = k, -k
""",
        ("k, -k", "k, k"),
    ),
    "tensor contractions": Style(
        {"A": n(2, 3, 2), "x": n(3), "u": n(2), "v": n(2)},
        "A",
        "L = np.tensordot(np.tensordot(A, x, axes=([1], [0])), np.outer(u, v), axes=2)",
        "G = np.einsum('i,j,k->ijk', u, x, v)",
        ("u, x, v", "v, x, u"),
    ),
    "kron and vec": Style(
        {"A": n(2, 2), "B": n(2, 2), "g": n(4, 4)},
        "A",
        "L = np.sum(g*np.kron(A, B))",
        "G = np.einsum('iajb,ab->ij', g.reshape(2, 2, 2, 2), B)",
        ("iajb", "aibj"),
    ),
    "nested functions and closures": Style(
        {"x": n(3), "w": n(3)},
        "w",
        """
def layer(w):
    cache = {}
    def forward(x):
        cache['x'], cache['z'] = x, w*x
        return np.maximum(cache['z'], 0)
    def backward(d):
        return d*(cache['z'] > 0)*cache['x']
    return forward, backward
fwd, bwd = layer(w)
L = (fwd(x)**2).sum()
""",
        "G = bwd(2*fwd(x))",
        ("2*fwd(x)", "fwd(x)"),
    ),
    "assertions and prints": Style(
        {"x": n(3, 2)},
        "x",
        "assert x.shape == (3, 2) and x.ndim == 2 and isinstance(x, np.ndarray)\nL = float((x*x).sum())\n"
        "text = f'{L:.3f} {x.shape}'",
        "G = 2.0*x\nassert G.dtype == np.float64 and np.allclose(G, x + x)",
        ("2.0*x", "3.0*x"),
    ),
}
