"""Losses of the reader's models; targets that are nan are ignored."""

import torch
from torch import Tensor
from torch.nn import functional


def binary_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Return the binary cross entropy over known targets, 0 without any."""
    is_known = ~torch.isnan(targets)
    if not is_known.any():
        return logits.sum() * 0
    return functional.binary_cross_entropy_with_logits(logits[is_known], targets[is_known])


def listwise_loss(logits: Tensor, targets: Tensor, owners: Tensor, count: int) -> Tensor:
    """Return ListNet's loss (Cao et al. 2007) over `count` questions; `owners` has the question of each row."""
    is_known = ~torch.isnan(targets)
    grades = torch.where(is_known, targets, 0.0)
    scores = torch.where(is_known, logits, -30.0)
    highest = torch.full((count,), -40.0).scatter_reduce(0, owners, scores, "amax")
    total = torch.zeros(count).index_add(0, owners, torch.exp(scores - highest[owners]))
    losses = torch.zeros(count).index_add(0, owners, grades * (highest[owners] + torch.log(total)[owners] - scores))
    sums = torch.zeros(count).index_add(0, owners, grades)
    return (losses / sums.clamp_min(1e-6))[sums > 0].sum() / count
