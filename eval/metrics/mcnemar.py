"""McNemar's exact test: significance of cases gained and lost between two runs."""


def mcnemar(gained: int, lost: int) -> float:
    """Return the two-sided p-value of "a case that changes is as likely won as lost"; 1 where none changed.

    The exact form, min(1, 2 · P(X <= min(gained, lost))) for X of the binomial (gained + lost, 1/2); it holds for few
    changes too. Source: McNemar 1947, "Note on the sampling error of the difference between correlated proportions or
    percentages", Psychometrika 12(2); for comparing systems Dror et al. 2018, ACL, "The hitchhiker's guide to testing
    statistical significance in natural language processing".
    """
    if not gained + lost:
        return 1.0
    from scipy.stats import binomtest  # noqa: PLC0415 -- a second that most commands need not pay

    return float(binomtest(gained, gained + lost, 0.5).pvalue)
