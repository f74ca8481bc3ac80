"""The one list of tables between the world, the stages and the run folder.

A contract is text, one column a word: ``name`` or ``name?`` (may be empty), a colon, a type. Types: ``text``,
``list`` (``a|b`` in files), ``int``, ``number``, ``bool``, ``time`` (UTC instant), ``date`` (local day) and
enumerations ``{a,b}``. Durations in seconds end in ``_s``, minutes in ``_min``, hours in ``_h``; money is in
the scenario's currency. Unknown extra columns are kept and ignored.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from wfo.domain.activities import Kind
from wfo.domain.centre import Channel


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes
    ----------
    name : str
    type : str
        text, list, int, number, bool, time, date or enum.
    optional : bool
        May be absent, or empty in a row.
    values : tuple of str
        What an enum allows.
    """

    name: str
    type: str
    optional: bool = False
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """One table: its key, its columns, and which column says when a row became known.

    Attributes
    ----------
    name : str
    key : tuple of str
    columns : tuple of Column
    known_at : tuple of str
        For tables of events: the columns whose first non-empty value is when the row became known.
    """

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    known_at: tuple[str, ...] = ()

    def column(self, name: str) -> Column | None:
        """The column of that name, or None."""
        return next((c for c in self.columns if c.name == name), None)

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(c.name for c in self.columns)


def _enum(values: Iterable[str]) -> str:
    return "{" + ",".join(values) + "}"


def _table(name: str, key: str, columns: str, known_at: str = "") -> Table:
    parsed = []
    for word in columns.split():
        label, kind = word.split(":", 1)
        values = tuple(kind[1:-1].split(",")) if kind.startswith("{") else ()
        parsed.append(Column(label.rstrip("?"), "enum" if values else kind, label.endswith("?"), values))
    if known_at:
        parsed.append(Column("known_at", "time", optional=True))
    return Table(name, tuple(key.split()), tuple(parsed), tuple(known_at.split()))


_CHANNEL = _enum(c.value for c in Channel)
_KIND = _enum(k.value for k in Kind)

INPUTS: dict[str, Table] = {
    t.name: t
    for t in (
        _table(
            "interactions",
            "interaction_id",
            f"interaction_id:text customer_id?:text customer_key?:text key_type?:text channel:{_CHANNEL} "
            "queue?:text direction:{in,out} started_at:time answered_at?:time ended_at?:time "
            "wait_s?:number handle_s?:number session_s?:number agent_id?:text intent?:text "
            "disposition?:text resolved?:bool outcome:{handled,abandoned,contained,transferred,open,ignored} "
            "parent_id?:text case_id?:text transfers?:int emotion?:number lifecycle?:text offer_id?:text "
            "revenue?:number promise_due?:time controlled?:bool page?:text text?:text",
            "known_at ended_at started_at",
        ),
        _table("outcomes", "interaction_id field", "interaction_id:text field:text value:text", "known_at"),
        _table(
            "segments",
            "interaction_id seq",
            "interaction_id:text seq:int queue?:text agent_id?:text queued_at?:time answered_at?:time "
            "ended_at?:time talk_s?:number hold_s?:number wrap_s?:number concurrency?:int outcome?:text",
            "known_at ended_at answered_at queued_at",
        ),
        _table(
            "queue_intervals",
            "queue interval_start",
            "queue:text interval_start:time interval_min:int offered:number answered?:number "
            "abandoned?:number abandoned_short?:number answered_in_target?:number handle_s_total?:number "
            "wait_s_total?:number",
            "known_at interval_end",
        ),
        _table(
            "drivers",
            "driver schedule_date",
            "driver:text schedule_date:date value:number value_sd?:number queues?:list",
            "known_at",
        ),
        _table(
            "identity_links",
            "id_a type_a id_b type_b",
            "id_a:text type_a:text id_b:text type_b:text evidence?:text confidence?:number valid_from?:time "
            "valid_to?:time",
        ),
        _table(
            "identity_splits",
            "id_a type_a id_b type_b",
            "id_a:text type_a:text id_b:text type_b:text",
        ),
        _table(
            "agents",
            "agent_id",
            "agent_id:text name?:text team?:text supervisor?:text site?:text contract:text hire_date?:date "
            "cost_per_h?:number role?:{agent,coach,evaluator}",
        ),
        _table(
            "agent_skills",
            "agent_id skill",
            "agent_id:text skill:text speed?:number resolution?:number priority?:int valid_from?:time "
            "valid_to?:time",
        ),
        _table("routing", "queue skill", "queue:text skill:text priority?:int after_s?:number"),
        _table(
            "availability",
            "agent_id start",
            "agent_id:text start:time end:time "
            "kind:{available,unavailable,time_off,locked_shift,meeting,training} paid?:bool",
        ),
        _table(
            "wishes",
            "agent_id schedule_date",
            "agent_id:text schedule_date:date start_earliest?:text start_latest?:text shift?:text "
            "sense:{for,against} "
            "weight:number",
        ),
        _table(
            "requests",
            "request_id",
            "request_id:text agent_id:text kind:{time_off,swap,extra_hours,voluntary_time_off} start:time "
            "end:time with_agent?:text received_at:time",
            "known_at received_at",
        ),
        _table(
            "agent_states",
            "agent_id start",
            "agent_id:text start:time end:time state:text source?:text",
            "known_at end",
        ),
        _table(
            "published_schedule",
            "agent_id start",
            "agent_id:text start:time end:time schedule_date:date shift_id:text site?:text activity:text "
            f"kind:{_KIND} paid:bool locked?:bool queues?:list activity_request_id?:text "
            "main_queue?:text",
        ),
        _table(
            "evaluations",
            "evaluation_id item",
            "evaluation_id:text item:text interaction_id?:text agent_id:text evaluator_id:text form:text "
            "behaviour:text score:number max_score:number critical?:{customer,business,compliance} "
            "evaluated_at:time sampling_reason?:text sampling_prob?:number",
            "known_at evaluated_at",
        ),
        _table(
            "coaching_sessions",
            "session_id agent_id",
            "session_id:text agent_id:text coach_id:text behaviour:text format?:text start:time minutes:int "
            "status:{proposed,accepted,declined,scheduled,done,no_show} assignment_prob?:number",
            "known_at start",
        ),
        _table(
            "surveys",
            "survey_id",
            "survey_id:text interaction_id?:text chain_id?:text customer_id?:text "
            "instrument:{NPS,CSAT,CES,resolved} score?:number sent_at:time answered_at?:time",
            "known_at answered_at sent_at",
        ),
        _table(
            "work_items",
            "item_id",
            "item_id:text queue:text created_at:time due_at?:time effort_s:number steps?:int done_at?:time "
            "parent_interaction?:text",
            "known_at created_at",
        ),
        _table(
            "business_events",
            "event_id",
            "event_id:text type:text start:time end?:time scope?:text size?:number",
        ),
    )
}
"""What comes in, by name."""

RUN: dict[str, Table] = {
    t.name: t
    for t in (
        _table(
            "chains",
            "chain_id",
            "chain_id:text customer_id?:text intent?:text true_intent?:text first_at:time last_at:time "
            "status:{open,resolved,abandoned,ignored} contacts:int human_contacts:int channels:text "
            "path:text failed_before:int cost?:number",
        ),
        _table(
            "chain_members",
            "interaction_id",
            "interaction_id:text chain_id:text position:int role:{fresh,follow_up,redial} "
            "parent_interaction?:text link_p?:number cost?:number",
        ),
        _table(
            "kernel",
            "from_queue to_queue lag_min",
            "from_queue:text to_queue:text lag_min:int r:number low:number high:number",
        ),
        _table(
            "chain_metrics",
            "metric scope intent",
            "metric:text scope:{all,known,estimated} intent?:text value:number chains:int "
            "identity_coverage:number",
        ),
        _table(
            "identity_merges",
            "id_a type_a id_b type_b",
            "customer_id?:text id_a:text type_a:text id_b:text type_b:text evidence:{contact,link} "
            "status:text",
        ),
        _table(
            "forecast",
            "queue interval_start",
            "queue:text interval_start:time interval_min:int fresh_mean:number followup_mean:number "
            "volume_mean:number model_volume_mean?:number volume_p10:number volume_p50:number "
            "volume_p90:number handle_s_mean:number handle_s_p90:number",
        ),
        _table(
            "methods",
            "queue method",
            "queue:text method:text weeks:int wape_pct?:number bias_pct?:number weight:number",
        ),
        _table(
            "outliers",
            "queue schedule_date kind",
            "queue:text schedule_date:date kind:{day,burst,gap,lost,closed} minutes:int actual:number "
            "expected:number",
        ),
        _table(
            "overrides",
            "override schedule_date",
            "override:text queue:text schedule_date:date model:number planner:number planned:number "
            "reason:text who:text",
        ),
        _table(
            "follow_ups_by_intent",
            "from_queue to_queue intent",
            "from_queue:text to_queue:text intent:text r:number share:number",
        ),
        _table(
            "requirement",
            "queue interval_start",
            "queue:text interval_start:time law:text offered_load:number positions:number "
            "positions_with_shrinkage:number",
        ),
        _table(
            "pooled",
            "queues interval_start",
            "queues:list interval_start:time positions:number positions_with_shrinkage:number",
        ),
        _table(
            "shrinkage",
            "kind weekday hour",
            "kind:text loss:{scheduled,unscheduled,unpaid} weekday:text hour:text share:number low:number "
            "high:number "
            "agent_hours:number source:{estimated,assumed}",
        ),
        _table(
            "day_chances",
            "queue schedule_date",
            "queue:text schedule_date:date p_met:number mean:number wanted?:number",
        ),
        _table(
            "cover",
            "queue interval_start step",
            "queue:text interval_start:time step:int value:number hard:bool",
        ),
        _table(
            "deferred",
            "queue release due",
            "queue:text release:time due:time work_s:number value_per_min:number",
        ),
        _table(
            "case_steps",
            "queue step release due",
            "queue:text step:text served_by:text release:time due:time promised:time contacts:number "
            "work_s:number",
        ),
        _table(
            "case_flow",
            "queue step",
            "queue:text step:text served_by:text begun:number again:number waiting:number wait_h?:number "
            "work_h:number",
        ),
        _table(
            "call_lists",
            "queue list",
            "queue:text list:text people:number calls:number reached:number dropped:number exhausted:number "
            "left:number",
        ),
        _table(
            "cuts",
            "cut skill_set interval_start",
            "cut:text skill_set:list interval_start:time coefficient:number rhs:number value:number "
            "queue?:text",
        ),
        _table(
            "schedule",
            "agent_id start",
            "agent_id:text start:time end:time schedule_date:date shift_id:text site?:text activity:text "
            f"kind:{_KIND} paid:bool locked:bool queues:list activity_request_id?:text "
            "main_queue?:text",
        ),
        _table("assignment", "queue interval_start", "queue:text interval_start:time positions:number"),
        _table(
            "shift_cover",
            "schedule_date shift",
            "schedule_date:date shift:text wanted:int planned:int",
        ),
        _table("rota", "agent_id schedule_date", "agent_id:text schedule_date:date shift:text"),
        _table(
            "prices",
            "skill interval_start",
            "skill:text interval_start:time value_per_agent_min:number low:number high:number "
            "source:{dual,simulated}",
        ),
        _table(
            "levels",
            "agent_id behaviour",
            "agent_id:text behaviour:text level:number low:number high:number evaluations:int",
        ),
        _table(
            "activity_requests",
            "request_id",
            "request_id:text kind:text participants:list minutes:int window_start:time window_end:time "
            "value:number group?:text",
        ),
        _table(
            "coaching",
            "session_id agent_id",
            "session_id:text agent_id:text coach_id:text behaviour:text format:text start?:time end?:time "
            "expected_effect:number value:number value_low:number value_high:number status:text reason:text",
        ),
        _table(
            "scorecard",
            "metric scope grain",
            "metric:text scope:text grain:{interval,day,week} ledger:{customer,business} denominator:text "
            "unit:text sense?:text target?:number mode:{hard,priced,report} predicted?:number low?:number "
            "high?:number p_met?:number status:text identity_coverage?:number",
        ),
    )
}
"""What a run leaves behind, by name."""
