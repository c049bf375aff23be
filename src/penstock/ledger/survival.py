"""Survival curves for durations of which some are still running: Kaplan–Meier, Aalen–Johansen, quantiles, intervals.

Plain Python on small tables of (duration, outcome, weight): let the backend count equal durations first, and give the
count as the weight. A duration still running when seen is *censored*; at a tie, events come before censorings, as usual.
Floats: the product is only multiplied where a censoring came between, so that without any it is the exact share.

Sources: Kaplan and Meier (1958); Greenwood (1926); Aalen and Johansen (1978); the interval on the log-log scale as in
Kalbfleisch and Prentice, The Statistical Analysis of Failure Time Data (2002), section 1.4.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, inf, log, sqrt
from statistics import NormalDist
from typing import Final

CENSORED: Final = 0

# Shares closer than this are the same share: far above the error of the products, far below one deal in a billion.
_SAME: Final = 1e-10


@dataclass(frozen=True)
class Curve:
    """A Kaplan–Meier curve: at each distinct duration with an event or a censoring, in rising order.

    times: the durations. at_risk: weight still running just before. events: weight ending there. survival: share running
    longer than that. variance: Greenwood's, of survival (inf once nothing is left to estimate it from).
    """

    times: tuple[float, ...]
    at_risk: tuple[float, ...]
    events: tuple[float, ...]
    survival: tuple[float, ...]
    variance: tuple[float, ...]

    def at(self, duration: float) -> float:
        """The share that lasts longer than `duration`."""
        return _step(self.times, self.survival, duration, 1.0)

    def quantile(self, share: float) -> float | None:
        """The shortest duration by which at least `share` (in (0, 1]) have ended; None if the curve never gets there."""
        _check_share(share)
        return next((t for t, s in zip(self.times, self.survival, strict=True) if s <= 1 - share + _SAME), None)

    def interval(self, level: float = 0.95) -> list[tuple[float, float]]:
        """Bounds of survival at each of `times`, from Greenwood's variance on the log-log scale, so that they stay in [0, 1]."""
        _check_share(level)
        z = NormalDist().inv_cdf((1 + level) / 2)
        return [_log_log_bounds(s, v, z) for s, v in zip(self.survival, self.variance, strict=True)]


@dataclass(frozen=True)
class Incidence:
    """Aalen–Johansen curves of competing outcomes: at each distinct duration with an event or a censoring, in rising order.

    times, at_risk: as in `Curve`. share: for each outcome, the share that ended with it by then. running: the share that had
    not ended; at every time, running and the shares add up to one.
    """

    times: tuple[float, ...]
    at_risk: tuple[float, ...]
    share: Mapping[int, tuple[float, ...]]
    running: tuple[float, ...]

    def at(self, outcome: int, duration: float) -> float:
        """The share that ended with `outcome` within `duration`, inclusive."""
        return _step(self.times, self.share.get(outcome, (0.0,) * len(self.times)), duration, 0.0)

    def last_supported(self, at_risk: float) -> float | None:
        """The last of `times` with at least this weight still at risk just before it; None if there is none."""
        return max((t for t, n in zip(self.times, self.at_risk, strict=True) if n >= at_risk), default=None)


def kaplan_meier(durations: Iterable[tuple[float, bool, float]]) -> Curve:
    """The curve of (duration, observed, weight): observed is False where the duration was still running.

    Durations in any unit; weights as counts (Greenwood's variance takes them for such). Rows of weight 0 are left out.
    Raises ValueError for a negative duration or weight.
    """
    incidence, ended = _walk((duration, int(observed), weight) for duration, observed, weight in durations)
    variance, hazard = [], 0.0
    for at_risk, events, survival in zip(incidence.at_risk, ended, incidence.running, strict=True):
        hazard += events / (at_risk * (at_risk - events)) if events < at_risk else inf
        variance.append(survival * survival * hazard if hazard < inf else inf)
    return Curve(incidence.times, incidence.at_risk, tuple(ended), incidence.running, tuple(variance))


def aalen_johansen(durations: Iterable[tuple[float, int, float]]) -> Incidence:
    """The shares by duration of (duration, outcome, weight): outcome 0 (`CENSORED`) where the duration was still running.

    Each other outcome is taken as final and as a risk to the others, so that their shares never add up to more than one.
    Rows of weight 0 are left out. Raises ValueError for a negative duration or weight.
    """
    return _walk(durations)[0]


def _walk(durations: Iterable[tuple[float, int, float]]) -> tuple[Incidence, list[float]]:
    steps = _tally(durations)
    outcomes = sorted({outcome for step in steps.values() for outcome in step if outcome != CENSORED})
    remaining: float = sum(sum(step.values()) for step in steps.values())
    times, at_risk, ended, running = sorted(steps), [], [], []
    share: dict[int, list[float]] = {outcome: [] for outcome in outcomes}
    total = dict.fromkeys(outcomes, 0.0)
    # Since the last censoring, survival is `level` × what is left ÷ what was left then: one division, no long product.
    level, base, left = 1.0, remaining, remaining
    for time in times:
        step = steps[time]
        before = level * (left / base)
        events = sum(weight for outcome, weight in step.items() if outcome != CENSORED)
        for outcome in outcomes:
            total[outcome] += before * (step.get(outcome, 0) / left)
            share[outcome].append(total[outcome])
        at_risk.append(left)
        ended.append(events)
        left -= events
        running.append(level * (left / base))
        if step.get(CENSORED):
            level, left = running[-1], left - step[CENSORED]
            base = left
        if left <= 0:
            break
    kept = {outcome: tuple(values) for outcome, values in share.items()}
    return Incidence(tuple(times[: len(running)]), tuple(at_risk), kept, tuple(running)), ended


def _tally(durations: Iterable[tuple[float, int, float]]) -> dict[float, dict[int, float]]:
    """Weights by duration and outcome."""
    steps: dict[float, dict[int, float]] = defaultdict(lambda: defaultdict(int))
    for duration, outcome, weight in durations:
        if duration < 0 or weight < 0:
            raise ValueError(f"A duration of {duration} with weight {weight}: neither can be negative.")
        if weight:
            steps[duration][outcome] += weight
    return steps


def _step(times: Sequence[float], values: Sequence[float], at: float, before: float) -> float:
    """The value of a step function that jumps at `times`."""
    passed = bisect_right(times, at)
    return values[passed - 1] if passed else before


def _log_log_bounds(survival: float, variance: float, z: float) -> tuple[float, float]:
    if survival >= 1 - _SAME:
        return 1.0, 1.0
    if survival <= _SAME or variance == inf:
        return 0.0, 0.0
    spread = z * sqrt(variance) / (survival * log(survival))
    centre = log(-log(survival))
    low, high = exp(-exp(centre - spread)), exp(-exp(centre + spread))
    return min(low, high), max(low, high)


def _check_share(share: float) -> None:
    if not 0 < share <= 1:
        raise ValueError(f"{share} is not a share: give one above 0, up to 1 (0.5 for the median).")
