"""More NumPy as people write it: each function is differentiated by its first argument, unmodified.

Written for this project, in the manner of questions and answers about such code.
"""

import math
from collections import namedtuple
from dataclasses import dataclass
import numpy as np
import scipy.linalg
import scipy.special
import scipy.stats
from scipy import special
from scipy.linalg import solve_triangular
from scipy.stats import norm

rng = np.random.default_rng(7)
F = []


def case(*args):
    def keep(f):
        F.append((f.__name__, f, args))
        return f

    return keep


points = rng.normal(size=(12, 2)) + np.repeat([[0.0, 0.0], [3.0, 1.0], [-2.0, 2.0]], 4, axis=0)


@case({"logits": np.array([0.1, -0.2, 0.3]), "mu": rng.normal(size=(3, 2)), "logvar": rng.normal(size=(3, 2)) * 0.3})
def gmm_em_loglik(p):
    w = np.exp(p["logits"]) / np.exp(p["logits"]).sum()
    ll = []
    for k in range(3):
        d = points - p["mu"][k]
        ll.append(
            np.log(w[k]) - 0.5 * np.sum(d**2 / np.exp(p["logvar"][k]) + p["logvar"][k] + np.log(2 * np.pi), axis=1)
        )
    ll = np.array(ll)
    m = ll.max(axis=0)
    return -np.sum(m + np.log(np.exp(ll - m).sum(axis=0)))


zs = np.cumsum(rng.normal(size=8)) + rng.normal(size=8)


@case(np.array([-0.5, 0.2]))
def kalman_smoother(theta):
    q, r = np.exp(theta)
    n = len(zs)
    m, P = [], []
    mp, Pp = [], []
    x, v = 0.0, 10.0
    for z in zs:
        xp, vp = x, v + q
        k = vp / (vp + r)
        x, v = xp + k * (z - xp), (1 - k) * vp
        m.append(x)
        P.append(v)
        mp.append(xp)
        Pp.append(vp)
    s = [None] * n
    s[-1] = m[-1]
    for t in range(n - 2, -1, -1):
        g = P[t] / Pp[t + 1]
        s[t] = m[t] + g * (s[t + 1] - mp[t + 1])
    return np.mean((np.array(s) - zs) ** 2)


obs = rng.integers(0, 3, 7)


@case(rng.normal(size=(2, 2)), rng.normal(size=(2, 3)))
def hmm_log_space(A, B):
    logA = A - special.logsumexp(A, axis=1, keepdims=True)
    logB = B - special.logsumexp(B, axis=1, keepdims=True)
    alpha = np.zeros((len(obs), 2))
    alpha = [np.log(0.5) + logB[:, obs[0]]]
    for t in range(1, len(obs)):
        alpha.append(special.logsumexp(alpha[-1][:, None] + logA, axis=0) + logB[:, obs[t]])
    return -special.logsumexp(alpha[-1])


@case(rng.normal(size=(6, 4)), rng.normal(size=(4, 4)))
def viterbi_score(unary, trans):
    v = unary[0]
    for u in unary[1:]:
        v = np.max(v[:, None] + trans, axis=0) + u
    return np.max(v)


tags = np.array([0, 2, 1, 1, 3, 0])


@case(rng.normal(size=(4, 4)), rng.normal(size=(6, 4)))
def crf_nll(trans, emit):
    score = emit[np.arange(6), tags].sum() + trans[tags[:-1], tags[1:]].sum()
    a = emit[0]
    for t in range(1, len(emit)):
        a = np.logaddexp.reduce(a[:, None] + trans, axis=0) + emit[t]
    return np.logaddexp.reduce(a) - score


seq = rng.normal(size=(5, 3))


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


@case({"Wz": rng.normal(size=(4, 7)) * 0.4, "Wr": rng.normal(size=(4, 7)) * 0.4, "Wh": rng.normal(size=(4, 7)) * 0.4})
def gru(p):
    h = np.zeros(4)
    for x in seq:
        hx = np.hstack((h, x))
        z = sigmoid(p["Wz"] @ hx)
        r = sigmoid(p["Wr"] @ hx)
        n = np.tanh(p["Wh"] @ np.hstack((r * h, x)))
        h = (1 - z) * h + z * n
    return h @ h


X = rng.normal(size=(10, 3))
t10 = rng.normal(size=10)


@case(np.ones(3), np.zeros(3))
def batchnorm_by_hand(gamma, beta):
    mu = X.mean(axis=0)
    var = X.var(axis=0)
    h = gamma * (X - mu) / np.sqrt(var + 1e-5) + beta
    h[h < 0] = 0
    return ((h.sum(axis=1) - t10) ** 2).mean()


@case(X)
def batchnorm_input(x):
    mu = np.mean(x, 0)
    xc = x - mu
    var = np.mean(xc**2, 0)
    xh = xc / (var + 1e-5) ** 0.5
    return np.sum(xh**3)


@case(100.0, 95.0, 0.5, 0.03, 0.2)
def black_scholes_scipy(S, K, T, r, sigma):
    d1 = (np.log(S / K) + (r + 0.5 * sigma**2) * T) / (sigma * np.sqrt(T))
    d2 = d1 - sigma * np.sqrt(T)
    return S * norm.cdf(d1) - K * np.exp(-r * T) * norm.cdf(d2)


z1, z2 = rng.normal(size=(2, 4, 20))


@case(np.array([0.04, 1.5, 0.04, 0.3, -0.6]))
def heston_mc(p):
    v0, kappa, theta, xi, rho = p
    n, dt = 4, 1 / 4
    S = 100 * np.ones(20)
    v = v0 * np.ones(20)
    for i in range(n):
        w = rho * z1[i] + np.sqrt(1 - rho**2) * z2[i]
        S = S * np.exp((0.01 - 0.5 * v) * dt + np.sqrt(v * dt) * z1[i])
        v = np.maximum(v + kappa * (theta - v) * dt + xi * np.sqrt(v * dt) * w, 1e-8)
    return np.exp(-0.01) * np.mean(np.maximum(S - 100, 0))


masses = np.array([1.0, 2.0, 0.5, 1.5])


@case(rng.normal(size=(4, 3)))
def nbody_energy(r):
    e = 0.0
    for i in range(4):
        for j in range(i):
            e -= masses[i] * masses[j] / np.linalg.norm(r[i] - r[j])
    return e


edges = [(0, 1), (1, 2), (2, 3), (3, 0), (0, 2)]


@case(rng.normal(size=(4, 2)))
def springs(pos):
    return sum(0.5 * 3.0 * (np.linalg.norm(pos[a] - pos[b]) - 1.0) ** 2 for a, b in edges)


knots = np.linspace(0, 1, 6)


@case(rng.normal(size=6))
def cubic_spline_energy(y):
    n = len(y)
    h = np.diff(knots)
    A = np.zeros((n, n))
    A[0, 0] = A[-1, -1] = 1
    b = np.zeros_like(y)
    for i in range(1, n - 1):
        A[i, i - 1], A[i, i], A[i, i + 1] = h[i - 1], 2 * (h[i - 1] + h[i]), h[i]
        b[i] = 3 * ((y[i + 1] - y[i]) / h[i] - (y[i] - y[i - 1]) / h[i - 1])
    c = np.linalg.solve(A, b)
    return np.sum(c**2)


target_curve = rng.normal(size=(9, 2))


@case(rng.normal(size=(4, 2)))
def bezier_fit(P):
    t = np.linspace(0, 1, 9)[:, None]
    B = sum(math.comb(3, k) * t**k * (1 - t) ** (3 - k) * P[k] for k in range(4))
    return np.sum((B - target_curve) ** 2)


xs_rbf = np.linspace(-1, 1, 5)


@case(np.array([0.2, 0.5, -0.3, 0.1, 0.9]))
def rbf_interpolation(y):
    K = np.exp(-(np.subtract.outer(xs_rbf, xs_rbf) ** 2) / 0.5)
    w = np.linalg.solve(K + 1e-3 * np.eye(5), y)
    grid = np.linspace(-1, 1, 7)
    return np.trapezoid((np.exp(-((grid[:, None] - xs_rbf) ** 2) / 0.5) @ w) ** 2, grid)


@case(0.3)
def kde_leave_one_out(log_h):
    h = np.exp(log_h)
    x = t10
    K = np.exp(-0.5 * ((x[:, None] - x[None, :]) / h) ** 2) / (h * np.sqrt(2 * np.pi))
    np.fill_diagonal(K, 0)
    return -np.mean(np.log(K.sum(1) / (len(x) - 1)))


@case(rng.normal(size=(3, 3)))
def ica_contrast(W):
    S = X @ W.T
    return -np.mean(np.sum(np.log(np.cosh(S)), axis=1)) - np.log(np.abs(np.linalg.det(W)))


@case(rng.normal(size=(3, 2)))
def pca_reconstruction(W):
    Q, _ = np.linalg.qr(W)
    return np.linalg.norm(X - X @ Q @ Q.T, "fro") ** 2


@case(rng.normal(size=(3, 2)))
def soft_kmeans(C):
    d = ((points[:, None] - C[None]) ** 2).sum(-1)
    r = np.exp(-2 * d)
    r /= r.sum(axis=1, keepdims=True)
    return (r * d).sum()


Pts = rng.random((6, 6))
Pts = (Pts + Pts.T) / 2
np.fill_diagonal(Pts, 0)
Pts /= Pts.sum()


@case(rng.normal(size=(6, 2)))
def tsne_kl(Y):
    s = np.sum(np.square(Y), 1)
    num = 1 / (1 + np.add(np.add(-2 * np.dot(Y, Y.T), s).T, s))
    num[range(6), range(6)] = 0.0
    Q = num / np.sum(num)
    Q = np.maximum(Q, 1e-12)
    return np.sum(np.where(Pts > 0, Pts * np.log(np.maximum(Pts, 1e-12) / Q), 0))


a_w, b_w = np.ones(4) / 4, np.ones(5) / 5


@case(rng.random((4, 5)))
def sinkhorn(C):
    K = np.exp(-C / 0.5)
    u = np.ones_like(a_w)
    for _ in range(10):
        v = b_w / (K.T @ u)
        u = a_w / (K @ v)
    P = np.diag(u) @ K @ np.diag(v)
    return np.sum(P * C)


A_pts, B_pts = rng.normal(size=(6, 3)), rng.normal(size=(6, 3))


@case(A_pts)
def procrustes(A):
    A = A - A.mean(0)
    B = B_pts - B_pts.mean(0)
    s = np.linalg.svd(A.T @ B, compute_uv=False)
    return np.sum(A**2) + np.sum(B**2) - 2 * np.sum(s)


@case(np.array([0.9, 0.5]), np.array([1.0, 0.0]))
def verlet_oscillator(p, start):
    k, c = p
    x, v = start
    dt = 0.1
    a = -k * x - c * v
    for _ in range(10):
        x = x + v * dt + 0.5 * a * dt**2
        a_new = -k * x - c * v
        v = v + 0.5 * (a + a_new) * dt
        a = a_new
    return 0.5 * v**2 + 0.5 * k * x**2


lv_data = np.abs(rng.normal(2, 0.3, size=(6, 2)))


@case([1.1, 0.4, 0.1, 0.4])
def lotka_volterra_fit(params):
    alpha, beta, delta, gamma = params

    def f(u):
        x, y = u
        return np.array([alpha * x - beta * x * y, delta * x * y - gamma * y])

    u = np.array([2.0, 1.5])
    traj = np.zeros((6, 2))
    out = []
    for i in range(6):
        k1 = f(u)
        k2 = f(u + 0.1 * k1)
        u = u + 0.2 * (k1 + k2) / 2
        out.append(u)
    return ((np.stack(out) - lv_data) ** 2).sum()


years = np.arange(8.0)
pop = 10 / (1 + 4 * np.exp(-0.6 * years)) + 0.1 * rng.normal(size=8)


@case({"K": 9.0, "r": 0.5, "P0": 2.0})
def logistic_growth(p):
    pred = p["K"] / (1 + (p["K"] - p["P0"]) / p["P0"] * np.exp(-p["r"] * years))
    return np.sqrt(np.mean((pred - pop) ** 2))


counts = rng.poisson(3, 10)


@case(np.array([0.1, 0.2, -0.1]))
def poisson_regression(b):
    mu = np.exp(X @ b)
    return -np.sum(scipy.stats.poisson.logpmf(counts, mu))


@case(np.array([0.1, 0.2, -0.1, 0.5]))
def negative_binomial(theta):
    mu, r = np.exp(X @ theta[:-1]), np.exp(theta[-1])
    ll = special.gammaln(counts + r) - special.gammaln(r) - special.gammaln(counts + 1)
    ll += r * np.log(r / (r + mu)) + counts * np.log(mu / (r + mu))
    return -ll.sum()


times = rng.exponential(1, 10)
event = rng.integers(0, 2, 10).astype(bool)


@case(np.array([0.3, -0.2, 0.1]))
def cox_partial_likelihood(beta):
    order = np.argsort(-times)
    eta = (X @ beta)[order]
    log_risk = np.log(np.cumsum(np.exp(eta)))
    return -np.sum((eta - log_risk)[event[order]])


grade = rng.integers(0, 3, 10)


@case(np.array([0.1, 0.2, -0.1, -0.5, 0.4]))
def ordinal_regression(theta):
    w, cut0, gap = theta[:3], theta[3], theta[4]
    cuts = np.concatenate([[-np.inf], [cut0], [cut0 + np.exp(gap)], [np.inf]])
    z = X @ w
    p = sigmoid(cuts[grade + 1] - z) - sigmoid(cuts[grade] - z)
    return -np.log(p).sum()


@case((0.2, 0.5))
def weibull_survival(p):
    log_scale, log_shape = p
    k = math.exp(log_shape)
    lam = math.exp(log_scale)
    ll = 0.0
    for t, d in zip(times, event):
        if d:
            ll += math.log(k / lam) + (k - 1) * np.log(t / lam)
        ll -= (t / lam) ** k
    return -ll


returns = rng.normal(size=12)


@case(np.array([0.1, 0.1, 0.8]))
def garch_likelihood(p):
    omega, alpha, beta = p
    s2 = np.var(returns)
    nll = 0
    for r in returns:
        nll += 0.5 * (np.log(2 * np.pi) + np.log(s2) + r**2 / s2)
        s2 = omega + alpha * r**2 + beta * s2
    return nll


@case(np.array([0.4, 0.3, 0.1]))
def arma_css(p):
    phi, theta, mu = p
    e = np.zeros_like(returns)
    prev = 0.0
    loss = 0.0
    for t in range(1, len(returns)):
        err = returns[t] - mu - phi * (returns[t - 1] - mu) - theta * prev
        loss += err * err
        prev = err
    return loss / (len(returns) - 1)


@case(0.3)
def exponential_smoothing(alpha):
    level = returns[0]
    sse = 0
    for y in returns[1:]:
        sse += (y - level) ** 2
        level = alpha * y + (1 - alpha) * level
    return sse


@case(rng.normal(size=8))
def autocorrelation_fft(x):
    x = x - x.mean()
    f = np.fft.rfft(x, n=2 * len(x))
    acf = np.fft.irfft(f * np.conj(f))[: len(x)]
    acf = acf / acf[0]
    return np.sum(acf[1:4] ** 2)


@case(rng.normal(size=10))
def autocorrelation_correlate(x):
    c = np.correlate(x - np.mean(x), x - np.mean(x), mode="full")
    return c[len(x)] / c[len(x) - 1]


@case(rng.random((5, 5)))
def image_gradient_norm(img):
    gy, gx = np.gradient(img)
    return np.sum(np.hypot(gx, gy))


@case(rng.random((5, 6)))
def sobel_edges(img):
    k = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]])
    p = np.pad(img, 1, mode="edge")
    out = np.zeros_like(img)
    for i in range(3):
        for j in range(3):
            out += k[i, j] * p[i : i + 5, j : j + 6]
    return (out**2).mean()


scene = rng.normal(size=(5, 3)) + [0, 0, 5]
pixels = rng.normal(size=(5, 2))


@case(np.array([0.1, -0.2, 0.3]), np.array([0.1, 0.0, 0.2]))
def camera_rodrigues(rvec, t):
    theta = np.sqrt(np.sum(rvec**2))
    k = rvec / theta
    K = np.array([[0, -k[2], k[1]], [k[2], 0, -k[0]], [-k[1], k[0], 0]])
    R = np.eye(3) + np.sin(theta) * K + (1 - np.cos(theta)) * K @ K
    cam = scene @ R.T + t
    uv = 2.0 * cam[:, :2] / cam[:, 2:]
    return np.sum((uv - pixels) ** 2)


@case(np.array([0.9, 0.1, -0.2, 0.3]))
def quaternion_rotation(q):
    w, x, y, z = q / np.linalg.norm(q)
    R = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    return np.sum((A_pts @ R.T - B_pts) ** 2)


@case([0.3, 0.5, -0.4])
def robot_arm(angles):
    T = np.eye(3)
    for a, length in zip(angles, [1.0, 0.8, 0.5]):
        c, s = np.cos(a), np.sin(a)
        T = T @ np.array([[c, -s, length * c], [s, c, length * s], [0, 0, 1]])
    tip = T[:2, 2]
    return np.sum((tip - np.array([1.5, 0.7])) ** 2)


@case([0.3, 0.5, -0.4])
def robot_arm_math(angles):
    x = y = total = 0.0
    for a, length in zip(angles, (1.0, 0.8, 0.5)):
        total += a
        x += length * math.cos(total)
        y += length * math.sin(total)
    return math.hypot(x - 1.5, y - 0.7)


@case(rng.random((4, 4)))
def graph_laplacian(W):
    W = np.triu(W, 1)
    W = W + W.T
    L = np.diag(W.sum(axis=1)) - W
    f = np.array([1.0, -1.0, 0.5, 0.2])
    return f @ L @ f / np.trace(L)


@case(rng.random((4, 4)))
def pagerank(A):
    P = A / A.sum(axis=0)
    r = np.full(4, 0.25)
    for _ in range(8):
        r = 0.85 * P @ r + 0.15 / 4
    return r[0]


@case(rng.normal(size=(3, 3)) * 0.3)
def expm_series(A):
    term = np.eye(3)
    total = np.eye(3)
    for k in range(1, 9):
        term = term @ A / k
        total = total + term
    return np.trace(total)


@case(rng.normal(size=6) * 0.3)
def cholesky_parametrised(v):
    L = np.zeros((3, 3))
    L = np.zeros_like(v, shape=(3, 3))
    L[np.tril_indices(3)] = v
    L[np.diag_indices(3)] = np.exp(np.diag(L))
    z = np.linalg.solve(L, X.T)
    return 0.5 * np.sum(z**2) + len(X) * np.log(np.diag(L)).sum()


@case(rng.normal(size=(5, 2)))
def woodbury(U):
    Ainv = np.diag(1 / np.arange(1.0, 6))
    C = np.linalg.inv(np.eye(2) + U.T @ Ainv @ U)
    M = Ainv - Ainv @ U @ C @ U.T @ Ainv
    y = np.arange(5.0)
    return y.dot(M).dot(y)


actions, rewards = np.array([0, 2, 1, 1]), np.array([1.0, -0.5, 0.3, 2.0])
states = rng.normal(size=(4, 3))


@case(rng.normal(size=(3, 3)))
def policy_gradient(theta):
    logits = states @ theta
    e = np.exp(logits - np.max(logits, axis=-1, keepdims=True))
    pi = e / e.sum(-1, keepdims=True)
    G = np.cumsum(rewards[::-1])[::-1]
    logp = np.log(np.take_along_axis(pi, actions[:, None], axis=1)[:, 0])
    return -np.mean(logp * G) - 0.01 * np.mean(np.sum(-pi * np.log(pi), axis=1))


@dataclass
class Layer:
    W: np.ndarray
    b: np.ndarray
    act: str = "tanh"


@case([Layer(rng.normal(size=(3, 4)), np.zeros(4)), Layer(rng.normal(size=(4, 1)), np.zeros(1), "linear")])
def dataclass_network(layers):
    h = X
    for layer in layers:
        h = h @ layer.W + layer.b
        if layer.act == "tanh":
            h = np.tanh(h)
    return np.mean((h.squeeze() - t10) ** 2)


Theta = namedtuple("Theta", ["slope", "hidden"])


@case(Theta(1.5, {"bias": 0.1, "scale": np.array([0.5, 2.0])}))
def nested_container(th):
    x = np.outer(t10, th.hidden["scale"])
    return np.sum(np.log1p(np.exp(th.slope * x + th.hidden["bias"])))


@case(rng.normal(size=5))
def vectorized_huber(r):
    huber = np.vectorize(lambda e: 0.5 * e**2 if abs(e) <= 1 else abs(e) - 0.5)
    return huber(r).sum()


@case(rng.normal(size=(3, 4)))
def einsum_sublist(A):
    return np.einsum(A, [0, 1], A, [2, 1], [0, 2]).trace() + np.einsum("ij,ik->", A, A)


groups = np.array([0, 1, 0, 2, 1])


@case(rng.normal(size=5))
def scatter_add(x):
    s = np.zeros_like(x, shape=3)
    np.add.at(s, groups, x)
    return np.sum(s**2)


@case(np.array([-1.0, 0.5, 2.0]))
def where_trap(x):
    return np.sum(np.where(x > 0, np.log(np.where(x > 0, x, 1.0)), x**2))


@case(np.array([0.2, 1.4, -0.3, 0.9]))
def clipped_ppo(ratio):
    adv = np.array([1.0, -1.0, 0.5, 2.0])
    return -np.mean(np.minimum(ratio * adv, np.clip(ratio, 0.8, 1.2) * adv))


@case(np.array([0.1, 0.7, 0.4, 1.0]))
def interp_table(y):
    xq = np.array([0.25, 1.5, 2.75])
    return np.sum(np.interp(xq, np.arange(4.0), y) ** 2)


@case(np.array([0.25, 1.5, 2.75]))
def searchsorted_linear(x):
    grid, vals = np.arange(5.0), np.array([0.0, 1.0, 0.5, 2.0, 1.0])
    i = np.clip(np.searchsorted(grid, x) - 1, 0, 3)
    w = (x - grid[i]) / (grid[i + 1] - grid[i])
    return np.sum((1 - w) * vals[i] + w * vals[i + 1])


@case(rng.normal(size=9))
def pinball_and_percentile(x):
    q = np.percentile(x, 30)
    e = x - q
    return np.mean(np.maximum(0.3 * e, -0.7 * e))


@case(rng.normal(size=4), rng.normal(size=9))
def fir_filter(h, x):
    y = np.convolve(x, h, mode="valid")
    return np.mean(np.abs(y) ** 2)


@case(rng.normal(size=(2, 2)), rng.normal(size=(3, 3)))
def kronecker(A, B):
    return np.linalg.slogdet(np.kron(A @ A.T + np.eye(2), B @ B.T + np.eye(3)))[1]


@case(np.sin(np.arange(16.0)))
def heat_equation_roll(u):
    for _ in range(5):
        u = u + 0.2 * (np.roll(u, 1) - 2 * u + np.roll(u, -1))
    return np.sum(u**4)


@case(rng.normal(size=(4, 4)))
def ising_meshgrid(J):
    i, j = np.meshgrid(range(4), range(4), indexing="ij")
    w = J / (1 + np.abs(i - j))
    return (w * np.cos(i + j)).sum() + w[np.ix_([0, 2], [1, 3])].prod()


@case(rng.normal(size=7))
def masked_mean(x):
    mask = np.array([True, False, True, True, False, True, True])
    y = x[mask]
    y -= y.mean()
    return (y**2).sum() / mask.sum()


@case(rng.normal(size=(3, 5)))
def slice_assignment(x):
    y = np.empty_like(x)
    y[:, 0] = x[:, 0]
    for k in range(1, x.shape[1]):
        y[:, k] = 0.9 * y[:, k - 1] + x[:, k]
    return np.square(y[:, -1]).sum()


@case(rng.normal(size=4))
def block_matrix(x):
    M = np.block([[np.eye(2), x[:2, None]], [x[None, 2:], np.array([[3.0]])]])
    return np.linalg.inv(M).sum()


@case(rng.normal(size=(2, 3)), rng.normal(size=3))
def hotelling(M, mu):
    d = M - mu
    S = np.cov(X, rowvar=False)
    return np.sum(d @ np.linalg.inv(S) * d)


@case(rng.normal(size=(8, 3)))
def covariance_logdet(Y):
    S = np.cov(Y, rowvar=False) + 0.1 * np.eye(3)
    R = np.corrcoef(Y.T)
    return np.log(np.linalg.det(S)) + R[0, 1]


@case(np.array([0.2, -0.4, 0.3]))
def probit(b):
    p = np.clip(scipy.stats.norm.cdf(X @ b), 1e-9, 1 - 1e-9)
    y = t10 > 0
    return -np.sum(np.where(y, np.log(p), np.log(1 - p)))


@case(np.array([1.0, 0.5]))
def beta_likelihood(ab):
    a, b = np.exp(ab)
    x = np.linspace(0.1, 0.9, 5)
    return -np.sum((a - 1) * np.log(x) + (b - 1) * np.log1p(-x) - special.betaln(a, b))


@case(np.array([0.5, 1.0]))
def quadrature_legendre(p):
    nodes, weights = np.polynomial.legendre.leggauss(5)
    return np.sum(weights * np.exp(-p[0] * nodes**2) * np.cos(p[1] * nodes))


@case(np.array([1.0, -2.0, 0.5]))
def polynomial_fit(c):
    x = np.linspace(-1, 1, 8)
    return np.sum((np.polyval(c, x) - np.sin(x)) ** 2) + np.vander(c, 3).sum()


@case(rng.normal(size=(6, 6)))
def attention_causal(x):
    q = k = v = x
    s = q @ k.T / np.sqrt(x.shape[-1])
    s = np.where(np.tril(np.ones((6, 6))) == 1, s, -1e9)
    w = np.exp(s - s.max(-1, keepdims=True))
    w = w / w.sum(-1, keepdims=True)
    return (w @ v).mean()


@case(0.7)
def newton_root(a):
    x = 1.0
    while abs(x**3 + a * x - 1) > 1e-10:
        x = x - (x**3 + a * x - 1) / (3 * x**2 + a)
    return x


@case(np.array([0.3, 0.1]))
def projectile_math(v):
    angle, speed = v[0], 10 * math.exp(v[1])
    vx, vy = speed * math.cos(angle), speed * math.sin(angle)
    flight = 2 * vy / 9.81
    return vx * flight + math.sqrt(vx**2 + vy**2) * math.log(1 + flight) + math.pow(flight, 2)


@case(rng.normal(size=(3, 3)))
def gram_schmidt(A):
    Q = []
    for v in A.T:
        for q in Q:
            v = v - (q @ v) * q
        Q.append(v / np.linalg.norm(v))
    Q = np.column_stack(Q)
    return Q[0, 0] + Q[1, 2] ** 2


@case(np.array([0.4, 0.35, 0.25]))
def entropy_and_kl(p):
    q = np.array([0.3, 0.3, 0.4])
    p = p / np.sum(p)
    return scipy.stats.entropy(p, q) + special.rel_entr(p, q).sum() - np.sum(special.xlogy(p, p))


@case(rng.normal(size=(5, 4)))
def contrastive(z):
    z = z / np.linalg.norm(z, axis=1, keepdims=True)
    sim = z @ z.T / 0.5
    sim[np.diag_indices_from(sim)] = -np.inf
    return np.mean(special.logsumexp(sim, axis=1) - sim[np.arange(5), (np.arange(5) + 1) % 5])


@case(rng.normal(size=12))
def moving_average_cumsum(x):
    c = np.cumsum(np.insert(x, 0, 0))
    ma = (c[3:] - c[:-3]) / 3
    return np.std(ma) + np.median(ma)


@case(np.array([0.5, -0.2, 0.1]))
def elastic_net(w):
    r = X.dot(w) - t10
    return 0.5 * r.dot(r) / len(t10) + 0.1 * np.abs(w).sum() + 0.05 * np.power(w, 2).sum()


@case(rng.normal(size=(4, 3)))
def focal_loss(logits):
    y = np.eye(3)[[0, 2, 1, 1]]
    p = special.softmax(logits, axis=1)
    return -np.mean(np.sum(y * (1 - p) ** 2 * np.log(p + 1e-9), axis=1))


@case(np.array([0.2, 0.1]))
def mandelbrot_like_iteration(c):
    z = np.zeros(2)
    for _ in range(5):
        z = np.array([z[0] ** 2 - z[1] ** 2 + c[0], 2 * z[0] * z[1] + c[1]])
    return np.linalg.norm(z)


@case(np.array([0.3, 0.4]))
def zeros_then_assign(x):
    out = np.zeros(5)
    out[0] = x[0]
    out[1] = x[1]
    for i in range(2, 5):
        out[i] = out[i - 1] * np.sin(out[i - 2]) + 0.1
    return out.sum()


@case(rng.normal(size=4))
def zeros_2d_rows(x):
    A = np.zeros((4, 4))
    for i in range(4):
        for j in range(4):
            A[i, j] = math.exp(-((x[i] - x[j]) ** 2))
    return np.linalg.slogdet(A + np.eye(4))[1]


@case(np.array([0.5, 0.2]))
def rk4_buffer(p):
    n = 20
    y = np.empty((n, 2))
    y[0] = [1.0, 0.0]
    f = lambda s: np.array([s[1], -p[0] * s[0] - p[1] * s[1]])
    for k in range(n - 1):
        k1 = f(y[k])
        k2 = f(y[k] + 0.05 * k1)
        y[k + 1] = y[k] + 0.1 * k2
    return np.sum(y[:, 0] ** 2)


@case(np.array([1.0, 2.0, 3.0]))
def accumulate_in_place(x):
    acc = np.zeros(3)
    for i in range(3):
        acc += x[i] * np.array([1.0, i, i * i])
    g = np.zeros((2, 3))
    g[0] += x
    g[:, 1] -= x[:2]
    return acc @ acc + (g**3).sum()


@case(rng.normal(size=(4, 3)))
def const_template(x):
    S = np.array([1.0, 0.0, 2.0])
    S[1] = x[0, 0] * 2
    M = np.eye(3)
    M[0, 2] = S[1]
    return np.linalg.det(M @ x[:3]) + S.sum()


@case(rng.normal(size=(3, 3)))
def scipy_tri(A):
    K = A @ A.T + np.eye(3)
    L = scipy.linalg.cholesky(K, lower=True)
    z = solve_triangular(L, np.array([1.0, 2, 3]), lower=True)
    return z @ z + np.log(np.diag(L)).sum()
