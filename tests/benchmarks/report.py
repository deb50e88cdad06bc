"""How a benchmark tells: one JSON object a line."""

import json
from statistics import median


def report(benchmark: str, value: float, unit: str, target: str, **details: object) -> None:
    """Print one measurement beside its target."""
    line = {"benchmark": benchmark, "value": round(value, 4), "unit": unit, "target": target, **details}
    print(json.dumps(line), flush=True)


def medians(samples: dict[str, list[float]]) -> dict[str, float]:
    """The median of each contestant's samples."""
    return {name: median(values) for name, values in samples.items()}
