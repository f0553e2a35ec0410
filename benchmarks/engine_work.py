"""The work of the engine's benchmark: each piece in the idiom of every engine, and its gradient written by hand.

A piece maps an engine's name to a function that returns one call: value and gradients, as plain arrays where the engine
gives them at no cost.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Call = Callable[[], Any]
Piece = dict[str, Callable[[], Call]]

RNG = np.random.default_rng(0)


def through_transform(engine: str, make: Callable[[Any], Callable[..., Any]], *inputs: np.ndarray) -> Call:
    """One call of ``value_and_grad`` in the engines that have it: ours, HIPS autograd and JAX."""
    places = tuple(range(len(inputs)))
    if engine == "autodiff":
        import autodiff

        function = autodiff.value_and_grad(make(autodiff), places)
        return lambda: function(*inputs)
    if engine == "autograd":
        import autograd
        import autograd.numpy as anp

        function = autograd.value_and_grad(make(anp), places)
        return lambda: function(*inputs)
    import jax

    jax.config.update("jax_enable_x64", True)
    function = jax.value_and_grad(make(jax.numpy), places)
    arrays = [jax.numpy.asarray(x) for x in inputs]
    return lambda: jax.block_until_ready(function(*arrays))


def through_backward(engine: str, make: Callable[[Any], Callable[..., Any]], *inputs: np.ndarray) -> Call:
    """One call of ``backward`` on fresh inputs: PyTorch and MyGrad."""
    if engine == "torch":
        import torch

        torch.set_num_threads(1)
        function = make(torch)

        def call() -> Any:
            tensors = [torch.tensor(x, requires_grad=True) for x in inputs]
            value = function(*tensors)
            value.backward()
            return value, [x.grad for x in tensors]

        return call
    import mygrad

    function = make(mygrad)

    def call() -> Any:
        tensors = [mygrad.tensor(x) for x in inputs]
        value = function(*tensors)
        value.backward()
        return value, [x.grad for x in tensors]

    return call


def piece(hand: Callable[..., Any], inputs: list[np.ndarray], **makes: Callable[[Any], Callable[..., Any]]) -> Piece:
    """A piece of work from a gradient by hand and, for each engine, the function made from its namespace.

    ``common`` serves the engines that have no own one; an engine whose entry is None has no such function.
    """
    engines: Piece = {"hand": lambda: lambda: hand(*inputs)}
    ways = dict.fromkeys(("autodiff", "autograd", "jax"), through_transform) | dict.fromkeys(
        ("torch", "mygrad"), through_backward
    )
    for engine, way in ways.items():
        make = makes.get(engine, makes.get("common"))
        if make is not None:
            engines[engine] = lambda engine=engine, way=way, make=make: way(engine, make, *inputs)
    return engines


def mean_of_squares() -> Piece:
    return piece(
        lambda x: (np.mean(x * x), 2 * x / 4),
        [np.arange(4.0)],
        common=lambda xp: lambda x: (x * x).mean(),
        autograd=lambda xp: lambda x: xp.mean(x * x),
    )


def elementwise() -> Piece:
    def hand(x: np.ndarray) -> Any:
        s = np.sin(x)
        t = np.tanh(x * s)
        e = np.exp(-x * x)
        return np.sum(t * e), e * ((1 - t * t) * (s + x * np.cos(x)) - 2 * x * t)

    return piece(
        hand,
        [RNG.normal(size=1_000_000)],
        common=lambda xp: lambda x: xp.sum(xp.tanh(x * xp.sin(x)) * xp.exp(-x * x)),
    )


def perceptron_by_hand(x: np.ndarray, labels: np.ndarray) -> Callable[..., Any]:
    """The value and the gradients of cross-entropy over two layers, as a careful hand writes them."""
    rows = np.arange(len(x))

    def hand(w1: Any, b1: Any, w2: Any, b2: Any) -> Any:
        h = np.tanh(x @ w1 + b1)
        z = h @ w2 + b2
        z -= z.max(axis=1, keepdims=True)
        e = np.exp(z)
        total = e.sum(axis=1, keepdims=True)
        value = np.mean(np.log(total[:, 0]) - z[rows, labels])
        g = e / total
        g[rows, labels] -= 1
        g /= len(x)
        gh = (g @ w2.T) * (1 - h * h)
        return value, (x.T @ gh, gh.sum(axis=0), h.T @ g, g.sum(axis=0))

    return hand


def perceptron() -> Piece:
    x, labels = RNG.normal(size=(64, 128)), RNG.integers(0, 10, 64)
    layers = RNG.normal(size=(128, 256)) / 11, RNG.normal(size=256) / 11, RNG.normal(size=(256, 10)) / 16, np.zeros(10)
    rows, hand = np.arange(64), perceptron_by_hand(x, labels)

    def plain(xp: Any) -> Callable[..., Any]:
        def loss(w1: Any, b1: Any, w2: Any, b2: Any) -> Any:
            z = xp.tanh(xp.dot(x, w1) + b1) @ w2 + b2
            z = z - xp.max(z, axis=1, keepdims=True)
            return xp.mean(xp.log(xp.sum(xp.exp(z), axis=1)) - z[rows, labels])

        return loss

    def ours(ad: Any) -> Callable[..., Any]:
        return lambda w1, b1, w2, b2: ad.cross_entropy(ad.tanh(x @ w1 + b1) @ w2 + b2, labels)

    def torch(xp: Any) -> Callable[..., Any]:
        data, target = xp.tensor(x), xp.tensor(labels)
        return lambda w1, b1, w2, b2: xp.nn.functional.cross_entropy(xp.tanh(data @ w1 + b1) @ w2 + b2, target)

    def mygrad(xp: Any) -> Callable[..., Any]:
        from mygrad.nnet.losses import softmax_crossentropy

        return lambda w1, b1, w2, b2: softmax_crossentropy(xp.tanh(x @ w1 + b1) @ w2 + b2, labels)

    return piece(hand, list(layers), autodiff=ours, autograd=plain, jax=plain, torch=torch, mygrad=mygrad)


def recurrence() -> Piece:
    w, start = RNG.normal(size=(8, 8)) / 3, np.ones(8)

    def hand(w: Any) -> Any:
        states = [start]
        for _ in range(200):
            states.append(np.tanh(w @ states[-1]))
        g, total = np.ones(8), np.zeros((8, 8))
        for k in range(200, 0, -1):
            g = g * (1 - states[k] * states[k])
            total += np.outer(g, states[k - 1])
            g = g @ w
        return states[-1].sum(), total

    def make(xp: Any) -> Callable[..., Any]:
        def run(w: Any) -> Any:
            h = start
            for _ in range(200):
                h = xp.tanh(w @ h)
            return h.sum()

        return run

    def torch(xp: Any) -> Callable[..., Any]:
        def run(w: Any) -> Any:
            h = xp.ones(8, dtype=xp.float64)
            for _ in range(200):
                h = xp.tanh(w @ h)
            return h.sum()

        return run

    return piece(hand, [w], common=make, autograd=lambda xp: lambda w: xp.sum(_repeated(xp, w, start)), torch=torch)


def _repeated(xp: Any, w: Any, h: Any) -> Any:
    for _ in range(200):
        h = xp.tanh(xp.dot(w, h))
    return h


def softmax() -> Piece:
    z, labels, rows = RNG.normal(size=(1000, 100)), RNG.integers(0, 100, 1000), np.arange(1000)

    def hand(z: Any) -> Any:
        e = np.exp(z - z.max(axis=1, keepdims=True))
        p = e / e.sum(axis=1, keepdims=True)
        value = -np.mean(np.log(p[rows, labels]))
        p[rows, labels] -= 1
        p /= 1000
        return value, p

    def plain(xp: Any) -> Callable[..., Any]:
        def loss(z: Any) -> Any:
            z = z - xp.max(z, axis=1, keepdims=True)
            return xp.mean(xp.log(xp.sum(xp.exp(z), axis=1)) - z[rows, labels])

        return loss

    def torch(xp: Any) -> Callable[..., Any]:
        target = xp.tensor(labels)
        return lambda z: xp.nn.functional.cross_entropy(z, target)

    def mygrad(xp: Any) -> Callable[..., Any]:
        from mygrad.nnet.losses import softmax_crossentropy

        return lambda z: softmax_crossentropy(z, labels)

    ours = lambda ad: lambda z: ad.cross_entropy(z, labels)
    return piece(hand, [z], autodiff=ours, autograd=plain, jax=plain, torch=torch, mygrad=mygrad)


def convolution() -> Piece:
    x, w = RNG.normal(size=(8, 8, 32, 32)), RNG.normal(size=(16, 8, 3, 3)) / 8

    def hand(x: Any, w: Any) -> Any:
        windows = np.lib.stride_tricks.sliding_window_view(x, (3, 3), axis=(2, 3))  # n c h w i j
        columns = windows.transpose(0, 2, 3, 1, 4, 5).reshape(8 * 30 * 30, 72)
        kernel = w.reshape(16, 72)
        y = columns @ kernel.T
        g = 2 * y
        spread = (g @ kernel).reshape(8, 30, 30, 8, 3, 3)
        back = np.zeros((8, 32, 32, 8))
        for i in range(3):
            for j in range(3):
                back[:, i : i + 30, j : j + 30] += spread[..., i, j]
        return np.vdot(y, y), (back.transpose(0, 3, 1, 2), (g.T @ columns).reshape(w.shape))

    def jax(xp: Any) -> Callable[..., Any]:
        from jax import lax

        return lambda x, w: (lax.conv(x, w, (1, 1), "VALID") ** 2).sum()

    def autograd(xp: Any) -> Callable[..., Any]:
        from autograd.scipy.signal import convolve

        def run(x: Any, w: Any) -> Any:
            y = convolve(x, w[:, :, ::-1, ::-1], axes=([2, 3], [2, 3]), dot_axes=([1], [1]), mode="valid")
            return xp.sum(y**2)

        return run

    def mygrad(xp: Any) -> Callable[..., Any]:
        from mygrad.nnet.layers import conv_nd

        return lambda x, w: (conv_nd(x, w, stride=1) ** 2).sum()

    return piece(
        hand,
        [x, w],
        autodiff=lambda ad: lambda x, w: (ad.conv2d(x, w) ** 2).sum(),
        torch=lambda xp: lambda x, w: (xp.nn.functional.conv2d(x, w) ** 2).sum(),
        jax=jax,
        autograd=autograd,
        mygrad=mygrad,
    )


def chain(length: int) -> Piece:
    def make(xp: Any) -> Callable[..., Any]:
        def run(x: Any) -> Any:
            for _ in range(length):
                x = x * 1.000001
            return x

        return run

    def hand(x: Any) -> Any:
        value, g = x, 1.0
        for _ in range(length):
            value = value * 1.000001
        for _ in range(length):
            g = g * 1.000001
        return value, g

    return piece(hand, [np.array(1.0)], autodiff=make, torch=make)


WORK: dict[str, Callable[[], Piece]] = {
    "(x*x).mean(), 4 elements": mean_of_squares,
    "sum(tanh(x*sin(x))*exp(-x*x)), 10^6": elementwise,
    "128-256-10 perceptron, cross-entropy, batch 64": perceptron,
    "200 steps of h = tanh(W @ h), 8 units": recurrence,
    "softmax cross-entropy, 1000x100": softmax,
    "convolution 3x3, 8 to 16 channels, 32x32, batch 8": convolution,
}
