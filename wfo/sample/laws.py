"""The frozen figures that drive the sample centre; hours, patience and contracts are in ``sample.yaml``."""

import datetime as dt
from dataclasses import dataclass, replace

LOG_END = dt.date(2025, 7, 7)
"""The planning moment: 00:00 of this Monday, site time."""

HISTORY_START = dt.date(2023, 1, 2)
"""First day of the earlier interval reports; they end where the log starts."""

STEP_MIN = 15

SHARES = {
    "voice_billing": 0.12,
    "voice_technical": 0.10,
    "voice_sales": 0.04,
    "chat": 0.08,
    "message": 0.05,
    "email": 0.09,
    "text": 0.02,
    "social": 0.02,
    "cases": 0.06,
    "web": 0.32,
    "bot": 0.10,
}
"""Share of all contacts by queue."""

FOLLOW_UPS = {
    "web": (("voice", 0.22),),
    "bot": (("chat", 0.30),),
    "voice_billing": (("voice", 0.12),),
    "voice_technical": (("voice", 0.12),),
    "voice_sales": (("voice", 0.12),),
    "email": (("email", 0.15), ("voice", 0.10)),
    "chat": (("voice", 0.08),),
    "social": (("chat", 0.10),),
}
"""R: follow-ups of one served contact by target; ``voice`` is the voice queue of the true intent."""

SHORT_DELAY_S = 7200.0
"""Mean of the half of the delays that is within hours; the other half is some days."""
SLOW_DELAY_SD_S = 7200.0
"""Spread of the time of day of the other half."""

LOST = 0.04
"""Share of calls and chats taken to be abandoned when fresh volumes and past staffing are set."""

LATE_CASE_FOLLOW_UPS = 0.25
"""R from a case that is later than promised to voice."""

REDIAL_P, REDIAL_MEAN_S, REDIAL_CUT_S = 0.45, 480.0, 1800.0
CHAT_OPEN_FACTOR = 2.0
"""A chat's session is open for this many times the work in it."""
UNSTAFFED_SESSION_S = 240.0
CASE_STEPS_P = (0.5, 0.3, 0.2)
"""P(a case has one, two, three steps)."""
PROMISE_DAYS = (2, 5)
"""Working days promised for a case, least and most."""
LANDING_S = 3 * 3600.0
"""A follow-up due while its queue is closed arrives within this time after the next opening."""

WEEKDAY_WEIGHTS = (1.25, 1.12, 1.07, 1.04, 1.02, 0.57, 0.55)
MONTH_START, MONTH_END, AFTER_CLOSURE = 1.08, 1.06, 1.12
HOLIDAY = {"DE": 0.60, "PT": 0.93}
"""Factor on demand of the queues that are open on a country's public holiday."""
CAMPAIGN, OUTAGE, UNKNOWN = 1.20, 1.80, 1.30
OUTAGE_HOURS = (10, 14)
UNKNOWN_EVENT = (dt.date(2025, 6, 24), dt.date(2025, 6, 25))
"""Days of the event that no table tells of (preset ``hard`` alone)."""

AGENT_HANDLE_SD = 0.12
NEW_HIRE_FACTOR, NEW_HIRE_WEEKS = 1.35, 26.0
SECOND_CONTACT_HANDLE = 1.30
RESOLUTION_PER_POINT, HANDLE_PER_POINT = 0.004, 0.003
COACHING_REPEAT, COACHING_HALF_LIFE_WEEKS = 0.6, 12.0
BEHAVIOURS = ("greeting", "listening", "diagnosis", "solution", "clarity", "compliance")
BEHAVIOUR_MEAN = (86.0, 80.0, 74.0, 76.0, 79.0, 88.0)
EVALUATIONS_A_MONTH = 4

SKILL_SHARE = {
    "billing": 0.60,
    "technical": 0.50,
    "sales": 0.25,
    "chat": 0.40,
    "written": 0.55,
    "cases": 0.25,
}
QUEUE_SKILL = {
    "voice_billing": "billing",
    "voice_technical": "technical",
    "voice_sales": "sales",
    "chat": "chat",
    "message": "written",
    "email": "written",
    "text": "written",
    "social": "written",
    "cases": "cases",
}
CONTRACT_SHARE = {"full_time": 0.60, "part_time": 0.30, "evening": 0.10}
TEAMS = {"standard": 8, "tiny": 2, "hard": 8}
NEW_HIRES = 0.12
"""Share of agents hired within the log."""
COACHED_A_WEEK = 0.25
"""Share of agents with a session in a past week."""

TIME_OFF, WEEK_OFF_SHARE = 0.08, 0.6
"""Share of working days taken off, and the part of it that is taken as whole weeks."""
ABSENT, LATE_P, LATE_S, AUX_P, AUX_S = 0.055, 0.25, 1200.0, 0.35, 1380.0
"""Unscheduled shrinkage: shifts missed, late starts, late returns from a break; together 8 %."""
WISHERS = 0.5
"""Share of agents who wish for something."""

STATED_WRONG = 0.08
"""Share of contacts whose stated intent is another than the true one."""
SAID_RESOLVED = {True: 0.65, False: 0.94}
"""P(the agent says that it is resolved), by whether a contact caused another one."""
OVERLAP_S = 2 * 86400.0
"""A parallel need comes within so much after another contact of its customer."""
LOGIN_AND_KEY, LOGIN_ALONE = 0.50, 0.30
"""Of contacts with an identity: those with login and key, and with the login alone; the rest: the key."""
REPLY_PARENT, REDIAL_PARENT, THREAD, CASE_NAMED = 0.5, 0.3, 0.6, 0.5
"""Share of email replies and redials with a parent, of email threads and calls about a case with its id."""
SURVEYS_SENT, SURVEYS_RETURNED = 0.05, 0.30


@dataclass(frozen=True)
class Preset:
    """What differs between presets.

    Attributes
    ----------
    name : str
    weeks : int
        Weeks of interaction log before the planning moment.
    contacts : float
        Contacts in an ordinary week, follow-ups and unstaffed channels included.
    agents : int
        Head count.
    customers : int
        People who may call.
    day_cv, half_corr, day_corr, queue_corr : float
        Day factor: CV of a day's mean; correlation of morning and afternoon, of a day and the next, between
        queues.
    follow_up_factor, delay_days : float
        Factor on R; mean of the slow half of the delays.
    overlap, unknown, shared_keys : float
        Share of fresh contacts planted beside another need, of contacts without identity, of shared keys.
    handle_cv : float
    lognormal_patience : bool
    score_sd : tuple of float
        Of agents, interactions and raters, in points.
    coaching : tuple of float
        Mean and spread of a first session's effect, in points.
    unknown_event : bool
    """

    name: str
    weeks: int = 26
    contacts: float = 25_000.0
    agents: int = 118
    customers: int = 400_000
    day_cv: float = 0.06
    half_corr: float = 0.6
    day_corr: float = 0.6
    queue_corr: float = 0.3
    follow_up_factor: float = 1.0
    delay_days: float = 2.5
    overlap: float = 0.15
    unknown: float = 0.20
    shared_keys: float = 0.005
    handle_cv: float = 0.9
    lognormal_patience: bool = False
    score_sd: tuple[float, float, float] = (4.0, 12.0, 3.0)
    coaching: tuple[float, float] = (2.0, 2.0)
    unknown_event: bool = False

    @property
    def log_start(self) -> dt.date:
        """First day of the log."""
        return LOG_END - dt.timedelta(weeks=self.weeks)


_STANDARD = Preset("standard")
PRESETS = {
    "standard": _STANDARD,
    "tiny": replace(_STANDARD, name="tiny", weeks=10, contacts=600.0, agents=20, customers=10_000),
    "hard": replace(
        _STANDARD,
        name="hard",
        agents=115,
        day_cv=0.12,
        half_corr=0.4,
        day_corr=0.3,
        queue_corr=0.1,
        follow_up_factor=0.6,
        delay_days=4.0,
        overlap=0.25,
        unknown=0.45,
        shared_keys=0.02,
        handle_cv=1.2,
        lognormal_patience=True,
        score_sd=(3.0, 14.0, 5.0),
        coaching=(1.0, 2.5),
        unknown_event=True,
    ),
}
