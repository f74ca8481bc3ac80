"""The page of metrics says what the catalogue says."""

from pathlib import Path

from wfo.metrics.catalogue import CATALOGUE

PAGE = Path(__file__).parents[2] / "docs" / "metrics.md"


def test_every_metric_stands_on_the_page_as_it_is():
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    found = [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in lines]
    assert found == [
        [
            m.id,
            m.formula,
            m.denominator or "–",
            m.unit.value,
            "more" if m.sense == ">=" else "less",
            ", ".join(law.value for law in m.laws) or "centre",
            m.decision.value if m.decision else "–",
            m.strictest.value,
        ]
        for m in CATALOGUE.values()
    ]
