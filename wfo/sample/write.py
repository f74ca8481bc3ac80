"""Write a working example: the sample's data, centre, intents and some what-ifs, in a new folder."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from wfo.errors import InputError
from wfo.sample.centre_file import FILES, file_text, lay_over
from wfo.sample.sample_centre import PresetName, sample_centre

SCENARIOS = ("week.yaml", "web_repaired.yaml", "monday_promotion.yaml", "double_coaching.yaml")
_CSV = ("agents", "agent_skills", "routing", "availability", "wishes", "business_events")
"""Tables that planners edit by hand; the others are Parquet."""


def write_new(folder: Path, preset: PresetName = "standard") -> list[Path]:
    """Write ``data/``, ``centre.yaml``, ``taxonomy.yaml``, ``week.yaml`` and three what-ifs.

    Parameters
    ----------
    folder : Path
    preset : str
        Of `sample_centre`.

    Returns
    -------
    list of Path
        What was written, in order.

    Raises
    ------
    InputError
        If the folder is not empty, or a file stands in its place.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file; name a folder that is new or empty")
    if folder.is_dir() and any(folder.iterdir()):
        raise InputError(f"{folder} is not empty; name a folder that is new or empty, nothing was written")
    (folder / "data").mkdir(parents=True, exist_ok=True)
    return [*_write_data(folder / "data", preset), *_write_scenarios(folder, preset)]


def _header(preset: PresetName, centre: Mapping[str, Any]) -> str:
    """What the centre is, counted, for the first lines of its file."""
    agents, queues = len(sample_centre(preset).data["agents"]), len(centre["queues"])
    sites = "one site" if len(centre["sites"]) == 1 else f"{len(centre['sites'])} sites"
    return (
        f"A synthetic service centre of {agents} agents, {sites} and {queues} queues: an example to change.\n"
        "Its tables are in data/: put yours in their place. What drives these is in docs/sample.md of wfo.\n"
    )


def _write_data(folder: Path, preset: PresetName) -> list[Path]:
    written = []
    for name, frame in sample_centre(preset).data.items():
        path = folder / f"{name}.{'csv' if name in _CSV else 'parquet'}"
        if name in _CSV:
            frame.to_csv(path, index=False)
        else:
            frame.to_parquet(path, index=False)
        written.append(path)
    return written


def _write_scenarios(folder: Path, preset: PresetName) -> list[Path]:
    yaml = YAML()
    yaml.width = 120
    yaml.indent(mapping=2, sequence=4, offset=2)
    centre = yaml.load(file_text("sample.yaml"))
    if FILES[preset] != "sample.yaml":
        lay_over(centre, yaml.load(file_text(FILES[preset])))
    centre.yaml_set_start_comment(_header(preset, centre["centre"]))
    centre["extends"] = "base.yaml"
    centre["data"] = {"folder": "data"}
    centre["chains"] = {"intents": "taxonomy.yaml"}
    paths = [folder / "centre.yaml", folder / "taxonomy.yaml"]
    paths[1].write_text(file_text("taxonomy.yaml"), encoding="utf-8")
    with paths[0].open("w", encoding="utf-8") as file:
        yaml.dump(centre, file)
    for name in SCENARIOS:
        scenario = yaml.load(file_text(f"scenarios/{name}"))
        events = scenario.get("centre", {}).get("calendar", {}).get("events", {})
        for event in events.values():
            event["queues"] = [q for q in event["queues"] if q in centre["centre"]["queues"]]
        paths.append(folder / name)
        with paths[-1].open("w", encoding="utf-8") as file:
            yaml.dump(scenario, file)
    return paths
