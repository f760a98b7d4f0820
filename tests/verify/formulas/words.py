"""What the formulas of these tests may speak of."""

from symgrad.model.vocabulary import Vocabulary

NUMBERS = "x1 x2 w1 w2 w10 w1_1_1 w1_1_2 a1 a2 z1 z2 o1 o2 t1 t2 J m N λ γ"
ARRAYS = {
    "X": 2,
    "W": 2,
    "W1": 2,
    "W2": 2,
    "x": 2,
    "A": 2,
    "δ1": 2,
    "δ2": 2,
    "δ": 2,
    "w": 1,
    "p": 1,
    "q": 1,
    "y": 1,
    "d": 1,
    "yhat": 1,
    "∂J/∂W": 2,
    "∂J/∂W1": 2,
    "∂J/∂o1": 0,
    "∂J/∂z1": 0,
    "∂J/∂w1": 0,
    "∂a1/∂z1": 0,
}
WORDS = Vocabulary(
    {**dict.fromkeys(NUMBERS.split(), 0), **ARRAYS},
    letters="nijk",
    aliases={"f": ("tanh",), "g1": ("relu",), "t": ("t1", "t2"), "L": ("J",), "a'": ("a2",)},
    layers={"l": 1, "L": 2},
)
TEXTS = (
    "((o1-t1) o1(1-o1) w10 + (o2-t2) o2(1-o2) w2) a1(1-a1) x1",
    "2/m sum(n, (p[n]-y[n])*x[n,i])",
    "σ′(z1) w₁₀ x₁ + ½(x1−a1)²",
    "X.T @ (X @ w - p) / m",
    "np.sum(np.multiply(A, A > 0), axis=0, keepdims=True)",
    "Σ_k p_k q_k + ∂J/∂o1 * dJ/dz1",
    "diag(p) - p p^T",
    "[i = j] |x1| ‖p‖² √x2",
    "sum(k=0:m, p[k])/A.shape[0]",
    "1/2x1 sin 2x1 a1",
    "∂J/∂W[i,j] = sum(n, δ[n,i]*x[n,j])",
)
TEX = (
    r"\frac{\partial J}{\partial w_1} = (o_1 - t_1)\, o_1 (1 - o_1)\, x_1",
    r"(W^{(l+1)})^\top \delta^{(l+1)} \odot \sigma'(\delta^{(l)})",
    r"\frac{1}{m}\sum_{i=1}^m x_{ij} \left|z_1\right|^{2}",
    r"\mathbb{1}[z_1>0] \mathbf{1}^\top A",
    r"p_i(\delta_{ij}-p_j) \| p \|_2^2",
    r"\nabla_{W^{(1)}} J + \hat{y}_1 \operatorname{softmax}(p)",
    r"g^{[1]'}(z_1) e^{-z_1} \sqrt[3]{z_1}",
    r"\sum_{j \ne i} p_j \max_k q_k",
)
