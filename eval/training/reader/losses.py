"""Losses of the reader's models; targets that are nan are ignored."""

import torch
from torch import Tensor
from torch.nn import functional


def binary_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Return the binary cross entropy over known targets, 0 without any."""
    known = ~torch.isnan(targets)
    if not known.any():
        return logits.sum() * 0
    return functional.binary_cross_entropy_with_logits(logits[known], targets[known])


def listwise_loss(logits: Tensor, wanted: Tensor, of: Tensor, n: int) -> Tensor:
    """Return ListNet's loss (Cao et al. 2007) over `n` questions; `of` is the question of each row."""
    known = ~torch.isnan(wanted)
    grades, scores = torch.where(known, wanted, 0.0), torch.where(known, logits, -30.0)
    highest = torch.full((n,), -40.0).scatter_reduce(0, of, scores, "amax")
    total = torch.zeros(n).index_add(0, of, torch.exp(scores - highest[of]))
    each = torch.zeros(n).index_add(0, of, grades * (highest[of] + torch.log(total)[of] - scores))
    sums = torch.zeros(n).index_add(0, of, grades)
    return (each / sums.clamp_min(1e-6))[sums > 0].sum() / n
