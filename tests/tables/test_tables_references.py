import pandas as pd
import pytest
from table_frames import interactions

from wfo.domain.centre import Centre
from wfo.errors import TableError
from wfo.tables.data import Data
from wfo.tables.read import read_data
from wfo.tables.references import check_references, notes, outside_hours

CONTRACT = {
    "week_h": {"min": 20, "max": 40},
    "shift_h": {"min": 4, "max": 8},
    "start": {"earliest": "07:00", "latest": "12:00"},
    "days": {"min": 3, "max": 5},
}
CENTRE = Centre.model_validate(
    {
        "zone": "Europe/Berlin",
        "sites": {"north": {"zone": "Europe/Berlin"}},
        "skills": {"talk": {}, "write": {}},
        "contracts": {"full": CONTRACT},
        "queues": {
            "billing": {"channel": "voice", "law": "immediate", "hours": "Mon-Fri 09:00-17:00"},
            "mail": {"channel": "email", "law": "deferred", "hours": "Mon-Fri 09:00-17:00"},
        },
    }
)


def data(**frames):
    tables = {
        "interactions": interactions(),
        "agents": pd.DataFrame({"agent_id": ["a", "b"], "contract": "full", "site": "north"}),
        "agent_skills": pd.DataFrame({"agent_id": ["a", "a", "b"], "skill": ["talk", "write", "talk"]}),
        "routing": pd.DataFrame({"queue": ["billing", "mail"], "skill": ["talk", "write"]}),
    }
    return read_data({**tables, **frames})


def said(**frames):
    return [str(p) for p in check_references(data(**frames), CENTRE)]


def test_a_consistent_centre_has_no_problems():
    assert said() == []
    assert notes(data(), CENTRE) == []


def test_unknown_names_are_found_with_a_suggestion_and_a_count():
    assert said(interactions=interactions(queue=["biling", "biling", "mail"])) == [
        "interactions, row 0, column 'queue': found queue 'biling', which is unknown, here and in 1 more row"
        "; did you mean 'billing'?"
    ]
    strange = pd.DataFrame({"agent_id": ["a", "c"], "contract": ["full", "zero"], "site": ["north", "moon"]})
    text = "\n".join(said(agents=strange))
    assert "found contract 'zero'" in text
    assert "found site 'moon'" in text
    assert "agent_skills, row 2, column 'agent_id': found agent 'b'" in text
    skills = pd.DataFrame({"agent_id": ["a"], "skill": ["talking"]})
    assert "did you mean 'talk'?" in said(agent_skills=skills)[0]


def test_rows_are_those_of_the_file(tmp_path):
    """Below the header, rows with nothing in them counted; what is sound is placed where it is not alone."""
    path = tmp_path / "agents.csv"
    path.write_text("agent_id,contract,site\na,full,north\n,,\nb,fulll,north\n", encoding="utf-8")
    expected = f"{path}, row 4, column 'contract': found contract 'fulll', which is unknown"
    assert str(check_references(read_data({"agents": path}), CENTRE)[0]).startswith(expected)
    with pytest.raises(TableError) as caught:
        read_data({"agents": path, "routing": tmp_path / "none.csv"})
    assert str(check_references(caught.value.readable, CENTRE)[0]).startswith(expected)


def test_of_many_unknown_names_twenty_are_said():
    many = pd.DataFrame({"agent_id": [f"x{k}" for k in range(25)], "skill": "talk"})
    found = said(agent_skills=many, routing=pd.DataFrame({"queue": ["billing", "mail"], "skill": "talk"}))
    assert len(found) == 21
    assert found[0].startswith("agent_skills, row 0, column 'agent_id': found agent 'x0'")
    assert found[20] == (
        "agent_skills, column 'agent_id': and 5 more unknown names in 5 rows; "
        "add it to agents or remove these rows"
    )


def test_a_queue_that_nobody_can_serve_is_a_problem():
    only_talk = pd.DataFrame({"agent_id": ["a", "b"], "skill": ["talk", "talk"]})
    assert said(agent_skills=only_talk) == [
        "routing, row 1, column 'skill': queue 'mail' is served by write, which nobody has; "
        "give the skill to agents"
    ]
    no_route = pd.DataFrame({"queue": ["billing"], "skill": ["talk"]})
    assert "no row says which skill serves queue 'mail'" in said(routing=no_route)[0]


def test_a_skill_nobody_has_is_a_note_where_another_serves():
    routes = pd.DataFrame({"queue": ["billing", "mail", "mail"], "skill": ["talk", "talk", "write"]})
    only_talk = pd.DataFrame({"agent_id": ["a"], "skill": ["talk"]})
    assert said(agent_skills=only_talk, routing=routes) == []
    found = [str(p) for p in notes(data(agent_skills=only_talk, routing=routes), CENTRE)]
    assert found == [
        "agents: 1 have no skill and serve no queue: b",
        "routing: nobody has these skills: write",
    ]


def test_contacts_while_closed_are_counted_where_people_wait_in_person():
    early = interactions(started_at="2025-03-03T08:59:59+01:00", ended_at="")
    found = [str(p) for p in notes(data(interactions=early), CENTRE)]
    assert found == [
        "interactions: 2 contacts (100.0%) came to 'billing' outside its opening hours; "
        "they are kept and not staffed"
    ]


def test_opening_hours_past_midnight_and_closed_days():
    centre = Centre.model_validate(
        {
            "zone": "Europe/Berlin",
            "calendar": {"closed_days": ["2025-03-14"]},
            "queues": {"q": {"channel": "voice", "law": "immediate", "hours": "Fri 22:00-06:00"}},
        }
    )
    local = [
        "2025-03-07 21:59",
        "2025-03-07 22:00",
        "2025-03-08 05:59",
        "2025-03-08 06:00",
        "2025-03-14 23:00",
    ]
    moments = pd.Series(pd.to_datetime(local)).dt.tz_localize("Europe/Berlin").dt.tz_convert("UTC")
    assert outside_hours(centre, "q", moments).tolist() == [True, False, False, True, True]


def test_a_holiday_closes_the_night_it_begins():
    """Good Friday, 18 April 2025."""
    queue = {"channel": "voice", "law": "immediate", "hours": "Mon-Sun 22:00-06:00", "closed_on": ["DE"]}
    centre = Centre.model_validate({"zone": "Europe/Berlin", "queues": {"q": queue}})
    local = ["2025-04-18 01:00", "2025-04-18 23:00", "2025-04-19 01:00", "2025-04-19 23:00"]
    moments = pd.Series(pd.to_datetime(local)).dt.tz_localize("Europe/Berlin").dt.tz_convert("UTC")
    assert outside_hours(centre, "q", moments).tolist() == [False, True, True, False]


def test_interval_reports_alone_are_enough():
    reports = pd.DataFrame(
        {
            "queue": ["billing"],
            "interval_start": ["2025-03-02T08:00Z"],
            "interval_min": [15],
            "offered": [7],
        }
    )
    only = Data({"queue_intervals": read_data({"queue_intervals": reports})["queue_intervals"]})
    assert check_references(only, CENTRE) == []
    assert "7 contacts (100.0%)" in notes(only, CENTRE)[0].message
