"""The read-out: loss, gradient, padding, and a density that sums to one."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.model import centre_bias
from core.model.readout import Batch, ReadOut, cross_entropy


def _readout(seed: int = 1) -> ReadOut:
    counts = [centre_bias.of_points(np.array([30.0, 40.0 + n]), np.array([20.0, 50.0]), 100, 100) for n in range(9)]
    readout = ReadOut(centre_bias.fit(counts))
    readout.start(torch.Generator().manual_seed(seed))
    return readout.eval()


def _features(*sizes: tuple[int, int]) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(3)
    return [torch.randn(height, width, 1536, generator=generator) for height, width in sizes]


def test_the_loss_by_hand() -> None:
    p = torch.tensor([[[0.5, 0.25], [0.125, 0.125]]])
    mask = torch.tensor([[1.0, 1.0], [0.0, 0.5]])
    loss = cross_entropy(Batch(p.log(), ((2, 2),)), [mask])
    # q = 0.4, 0.4, 0, 0.2 and -log p = 1, 2, 3, 3 times log 2
    assert float(loss) == pytest.approx((0.4 * 1 + 0.4 * 2 + 0.2 * 3) * np.log(2))


def test_the_loss_is_the_mean_log_likelihood_of_the_masks_pixels() -> None:
    rng = np.random.default_rng(1)
    p = torch.from_numpy(rng.dirichlet(np.ones(30)).reshape(1, 5, 6))
    mask = torch.from_numpy((rng.uniform(size=(5, 6)) < 0.4).astype(np.float64))
    own = -float(p[0].log()[mask > 0].mean())
    assert float(cross_entropy(Batch(p.log(), ((5, 6),)), [mask])) == pytest.approx(own)


def test_the_loss_is_a_mean_over_photos_whatever_their_sizes() -> None:
    readout = _readout()
    features = _features((2, 3), (4, 2))
    masks = [torch.rand(8, 12), torch.rand(16, 8)]
    with torch.no_grad():
        each = [float(cross_entropy(readout([f]), [m])) for f, m in zip(features, masks, strict=True)]
        assert float(cross_entropy(readout(features), masks)) == pytest.approx(np.mean(each), abs=1e-4)


def test_the_density_sums_to_one_over_every_photo() -> None:
    with torch.no_grad():
        answer = _readout()(_features((1, 1), (3, 5), (7, 2)))
    for number, size in enumerate(((4, 4), (12, 20), (28, 8))):
        assert tuple(answer.of(number).shape) == size
        assert float(answer.of(number).double().exp().sum()) == pytest.approx(1, abs=1e-4)
        assert float(answer.log_density[number].double().exp().sum()) == pytest.approx(1, abs=1e-4)


def test_padding_does_not_leak() -> None:
    readout = _readout()
    features = _features((3, 5), (7, 2), (6, 6))
    together = readout(features)
    for number, one in enumerate(features):
        torch.testing.assert_close(together.of(number), readout([one]).of(0), rtol=1e-4, atol=1e-4)


def test_the_gradient_by_finite_differences() -> None:
    readout = _readout().double()
    with torch.no_grad():
        readout.log_sigma.fill_(0.6)  # not where the kernel's support grows by a cell
    features = [one.double() for one in _features((2, 3), (3, 1))]
    masks = [torch.rand(8, 12, dtype=torch.float64), torch.rand(12, 4, dtype=torch.float64)]

    def loss() -> torch.Tensor:
        return cross_entropy(readout(features), masks)

    loss().backward()
    rng = np.random.default_rng(4)
    for name, parameter in readout.named_parameters():
        assert parameter.grad is not None, name
        flat, grads = parameter.data.view(-1), parameter.grad.view(-1)
        for place in rng.integers(0, flat.numel(), 4):
            kept, step = float(flat[place]), 1e-6
            with torch.no_grad():
                flat[place] = kept + step
                above = float(loss())
                flat[place] = kept - step
                below = float(loss())
                flat[place] = kept
            assert float(grads[place]) == pytest.approx((above - below) / (2 * step), rel=1e-3, abs=1e-7), name


def test_training_computes_what_answers_do_within_rounding() -> None:
    readout, features = _readout(), _features((3, 4))
    exact = readout(features).of(0)
    readout.train()
    assert (readout(features).of(0) - exact).abs().max() < 0.1


def test_without_features_the_centre_bias_is_left() -> None:
    readout = _readout()
    with torch.no_grad():
        for value in readout.layers.parameters():
            value.zero_()
    found = readout(_features((4, 6))).of(0).detach().numpy()
    bias = centre_bias.CentreBias(np.asarray(readout.centre_bias))
    assert found == pytest.approx(bias.on(16, 24), abs=0.02)


def test_the_seed_decides_the_first_weights() -> None:
    one, same, other = (_readout(seed).state_dict()["layers.0.weight"] for seed in (1, 1, 2))
    assert torch.equal(one, same) and not torch.equal(one, other)
