"""A naive simulator: one heap of closures, agents and contacts as objects, every line scanned from the front.

It shares the draws of luck with the kernel and nothing else.
"""

import heapq
from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil

import lucky as luck
import numpy as np

from wfo.draws import fold, word_of

SNAPSHOT, END, ROSTER, OPENING, GIVING_UP, ARRIVING, WIDENING, CHASING = range(8)
IMMEDIATE, CONCURRENT, DEFERRED, UNSTAFFED = range(4)
NEVER = 1 << 58


@dataclass
class Contact:
    word: np.uint64
    queue: int
    kind: str
    arrival: int
    give_up: int = NEVER
    due: int = NEVER
    handle: int = -1
    own: tuple = (np.nan, np.nan, 0.0)
    callback: bool = False
    place: int = -1
    step: int = 0
    tries: int = 0
    list: str = ""
    joined: int = 0
    state: str = "coming"
    luck: np.uint64 | None = None

    @property
    def tie(self):
        return int(np.uint64(self.word).astype(np.int64))


OLD = ("old", "open")


class Call:
    name = "call"
    wait_ms = 0


@dataclass
class Agent:
    number: int
    on_duty: bool = False
    group: int = -1
    load: Fraction = Fraction(0)
    since: tuple = (0, 0)
    off_since: int = 0
    held: list = field(default_factory=list)
    paced: int = 0
    away: bool = False


@dataclass
class Oracle:
    demand: object
    staffing: object
    options: object
    seed: int
    replication: int
    absent: np.ndarray
    trace: object = None
    counts: dict = field(default_factory=lambda: defaultdict(int))
    steps: dict = field(default_factory=lambda: defaultdict(int))
    lists: dict = field(default_factory=lambda: defaultdict(int))
    chased: dict = field(default_factory=lambda: defaultdict(int))
    busy_ms: dict = field(default_factory=lambda: defaultdict(int))
    duty_ms: dict = field(default_factory=lambda: defaultdict(int))

    def __post_init__(self):
        d, s = self.demand, self.staffing
        self.base = np.uint64(luck.replication_word(np.uint64(self.seed), np.uint64(self.replication)))
        self.step = d.grid.step_min * 60_000
        self.horizon = self.step * d.grid.n
        self.events, self.n, self.now, self.joined, self.stepped = [], 0, 0, 0, []
        self.old = []
        self.made = [0] * len(self.options.diallers)
        self.agents = [Agent(k) for k in range(len(s.agents))]
        self.lines = defaultdict(list)
        self.links = [
            [tuple(map(int, row)) for row in s.serves[s.serves_ptr[g] : s.serves_ptr[g + 1]]]
            for g in range(len(s.serves_ptr) - 1)
        ]
        self.served_by = [
            [tuple(map(int, row)) for row in s.served_by[s.served_by_ptr[q] : s.served_by_ptr[q + 1]]]
            for q in range(len(s.queues))
        ]

    # Time.

    def at(self, instant, rank, tie, what, *args):
        self.n += 1
        heapq.heappush(self.events, (instant, rank, tie, self.n, what, args))

    def run(self):
        d, s = self.demand, self.staffing
        old, seen = self.options.old_work, defaultdict(int)
        steps, silent = (
            old.step.tolist() or [-1] * len(old.queue),
            old.silent.tolist() or [0] * len(old.queue),
        )
        columns = [c.tolist() for c in (old.queue, old.due_ms, old.handle_ms, old.release_ms)]
        rows = sorted(
            (queue, due, handle if step < 0 else 0, step, release, quiet)
            for queue, due, handle, release, step, quiet in zip(*columns, steps, silent, strict=True)
        )
        for k, (queue, due, handle, step, release, quiet) in enumerate(rows):
            with np.errstate(over="ignore"):
                word = word_of(f"{d.queues[queue]}/old")
                for part in (due + d.grid.start_min * 60_000, handle, step, seen[queue, due, handle, step]):
                    word = fold(word, np.int64(part).astype(np.uint64))
            seen[queue, due, handle, step] += 1
            kind = "old" if step < 0 else "open"
            contact = Contact(np.uint64(k), queue, kind, 0, due=due, handle=handle, place=queue)
            contact.luck = np.uint64(luck.old_word(self.base, word))
            self.old.append(contact)
            if due >= 0 and not quiet:
                self.watch(contact, contact.luck)
            if step >= 0:
                self.to_step(contact, step, release)
            elif release > 0:
                self.at(release, ARRIVING, contact.tie, self.take_up, contact)
            else:
                contact.state = "waiting"
                self.lines[queue, "due"].append(contact)
            self.counts["old_due", queue, 0] += 0 <= due <= self.horizon
        for kind, table, suffix in (("fresh", d.fresh, ""), ("carried", d.carried, "/carried")):
            for (queue, t), number in np.ndenumerate(table[self.replication]):
                word = word_of(d.queues[queue] + suffix)
                for ordinal in range(int(number)):
                    minute = d.grid.start_min + t * d.grid.step_min
                    stream = np.uint64(luck.stream_word(self.base, word, minute))
                    contact_id = np.uint64(luck.fresh_word(stream, ordinal))
                    instant = int(luck.arrival_ms(contact_id, t, self.step))
                    self.come(Contact(contact_id, queue, kind, instant))
        if self.trace is not None:
            self.come_as_given()
        for t in range(d.grid.n):
            self.at((t + 1) * self.step, SNAPSHOT, 0, self.count_backlog, t)
            if self.options.later.calls:
                self.at(t * self.step, OPENING, 0, self.open_lists, t)
            if self.options.kept is not None and self.options.deferred_waits > 0:
                self.at(t * self.step, OPENING, 0, self.pull)
        for instant, starts, agent, group, shift, end in s.events.tolist():
            if not self.absent[shift]:
                step = self.come_on if starts else self.go_off
                self.at(instant, ROSTER, (starts, agent), step, self.agents[agent], group, end)
        while self.events:
            self.now, _, _, _, what, args = heapq.heappop(self.events)
            what(*args)
        for (_, line), contacts in self.lines.items():
            for contact in contacts:
                if contact.state == "waiting" and contact.kind != "old":
                    if contact.kind != "open":
                        self.count("left", contact)
                    if line == "due":
                        calls = contact.queue in self.options.later.calls
                        end = min(self.horizon, self.until(contact) if calls else NEVER)
                        self.steps[self.step_key(contact), "left"] += end == self.horizon
                        self.steps[self.step_key(contact), "wait"] += max(0, end - contact.joined)
        for contact in self.old:
            self.counts["old_left", contact.queue, 0] += contact.state in ("waiting", "between")
        for contact in self.stepped:
            if contact.state == "between":
                self.count("left", contact)
        return self.counts

    def take_up(self, contact):
        contact.state = "waiting"
        self.lines[contact.queue, "due"].append(contact)
        self.pull()

    def come_as_given(self):
        t, seen = self.trace, defaultdict(int)
        columns = (t.queue, t.arrival_ms, t.handle_s, t.patience_s, t.waited_s)
        for queue, at, *own in sorted(zip(*(c.tolist() for c in columns), strict=True), key=repr):
            with np.errstate(over="ignore"):
                word = word_of(f"{self.demand.queues[queue]}/trace")
                word = fold(fold(word, np.uint64(at)), np.uint64(seen[queue, at]))
            word = np.uint64(luck.fresh_word(self.base, word))
            seen[queue, at] += 1
            self.come(Contact(word, queue, "fresh", at, own=tuple(own)))

    def come(self, contact):
        self.at(contact.arrival, ARRIVING, contact.tie, self.arrive, contact)

    # Counting.

    def count(self, what, contact, amount=1):
        self.counts[what, contact.queue, contact.arrival // self.step] += amount

    def spread(self, target, group, start, end, divisor=1):
        for t in range(self.demand.grid.n):
            overlap = min(end, (t + 1) * self.step) - max(start, t * self.step)
            target[group, t] += max(0, overlap) // divisor

    # Contacts.

    def arrive(self, c):
        law = self.staffing.law[c.queue]
        self.count("offered", c)
        self.count(c.kind, c)
        if law == DEFERRED:
            t = c.arrival // self.step
            c.due = self.due_at(c.queue, t, c.arrival - t * self.step)
            self.count("due", c, c.due <= self.horizon)
        forced = self.options.forced_abandonment
        if law == UNSTAFFED:
            self.answer(c, self.now, self.work(c))
        elif forced is not None:
            p = forced[c.queue] if law < DEFERRED else 0.0
            if luck.forced_to_abandon(c.word, p):
                c.give_up = c.arrival
                self.abandon(c)
            else:
                self.answer(c, self.now, self.work(c))
        elif law == DEFERRED:
            self.watch(c, c.word)
            c.place = c.queue
            if c.queue in self.options.later.calls:
                self.lists[c.queue, "", "people"] += 1
            if self.work_steps(c):
                self.stepped.append(c)
                self.to_step(c, 0, self.now + self.work_steps(c)[0].wait_ms)
            else:
                c.state = "waiting"
                self.lines[c.queue, "new"].append(c)
            self.pull()
        elif self.offer(c):
            return
        elif self.turned_away(c):
            c.state, c.give_up = "gone", c.arrival
            self.count("abandoned", c)
            self.count("balked", c)
            self.call_again(c)
        else:
            c.state = "waiting"
            self.lines[c.queue, "new"].append(c)
            if not np.isnan(c.own[1]):
                patience = c.own[1] * 1000.0
            else:
                patience = self.demand.patience_s[c.queue] * 1000.0
                if np.isfinite(patience):
                    patience = c.own[2] * 1000.0 + int(luck.patience_ms(c.word, patience))
            if self.takes_callback(c, patience):
                c.callback = True
            elif np.isfinite(patience):
                c.give_up = c.arrival + round(patience)
                self.at(c.give_up, GIVING_UP, c.tie, self.abandon_if_waiting, c)

    def due_at(self, queue, t, since):
        due, turn, gap = (
            None if law is None else int(law[queue, t])
            for law in (self.options.due_ms, self.options.due_turn_ms, self.options.due_gap_ms)
        )
        if turn is None or since <= turn:
            return due + since
        return due if turn < 0 else due + since + gap

    def dial(self):
        if self.now >= self.horizon:
            return
        t = self.now // self.step
        for k, dialler in enumerate(self.options.diallers):
            idle = [a for a in self.agents if a.on_duty and a.load == 0]
            served = [{link[0] for link in self.links[a.group]} for a in idle]
            own = sum(dialler.queue in queues for queues in served)
            free = sum(bool(queues & {dialler.queue, *dialler.beside}) for queues in served)
            if dialler.reached[t] == 0.0 or free < dialler.least_free:
                continue
            before = sum(other.queue == dialler.queue for other in self.options.diallers[:k])
            name = word_of(self.demand.queues[dialler.queue] + "/dialler" + (f"/{before}" if before else ""))
            stream = np.uint64(luck.calls_word(self.base, name))
            for _ in range(int(dialler.calls * own + 1e-9)):
                word = np.uint64(luck.fresh_word(stream, self.made[k]))
                self.made[k] += 1
                if luck.is_reached(word, float(dialler.reached[t])):
                    self.come(Contact(word, dialler.queue, "fresh", self.now))

    def abandon_if_waiting(self, c):
        if c.state == "waiting":
            self.abandon(c)

    def abandon(self, c):
        c.state = "gone"
        self.count("abandoned", c)
        self.count("abandoned_short", c, c.give_up - c.arrival < self.options.short_ms[c.queue])
        self.call_again(c)

    def turned_away(self, c):
        room, p = self.options.room, self.options.balk_p
        waiting = [o for o in self.lines[c.queue, "new"] if o.state == "waiting" and o.give_up > self.now]
        full = room is not None and len(waiting) >= room[c.queue]
        return full or (p is not None and bool(luck.balks(c.word, p[c.queue])))

    def takes_callback(self, c, patience):
        p = self.options.callback_p
        if p is None or patience <= self.options.callback_ms[c.queue]:
            return False
        return bool(luck.takes_callback(c.word, p[c.queue]))

    def call_again(self, c):
        p = self.demand.redial_p[c.queue]
        if p > 0 and luck.redials(c.word, p):
            child = np.uint64(luck.redial_word(c.word))
            mean = self.demand.redial_mean_s[c.queue] * 1000.0
            due = c.give_up + int(luck.redial_delay_ms(child, mean))
            self.cause(child, c.queue, "redials", due)

    def cause(self, word, queue, kind, due):
        t = due // self.step
        if t >= self.demand.grid.n or self.demand.landing_start[queue, t] < 0:
            return False
        start, length = self.demand.landing_start[queue, t], self.demand.landing_len[queue, t]
        instant = int(luck.landing_ms(word, due, int(start), int(length), self.step))
        if instant < self.horizon:
            self.come(Contact(word, queue, kind, instant))
        return instant < self.horizon

    def work(self, c, speed=1.0):
        if not np.isnan(c.own[0]):
            c.handle = max(1, round(c.own[0] * 1000.0))
        elif c.kind != "old":
            mean = self.demand.handle_mean_s[c.queue, c.arrival // self.step] * 1000.0
            variance = np.log1p(self.demand.handle_cv[c.queue] ** 2)
            c.handle = int(luck.handle_ms(c.word, mean * np.exp(-0.5 * variance), np.sqrt(variance)))
        return c.handle if speed is None else max(1, int(c.handle / speed + 0.5))

    def answer(self, c, end, handle, ends=True):
        c.state = "gone"
        deferred = self.staffing.law[c.queue] == DEFERRED
        in_time = end <= c.due <= self.horizon
        if deferred and end > c.due:
            c.state = "late"
        if c.kind in OLD:
            self.counts["old_in_target", c.queue, 0] += in_time and c.due >= 0
            return
        waited = self.now - c.arrival
        self.count("answered", c)
        self.count("wait_ms", c, waited)
        self.count("handle_ms", c, handle)
        self.count("called_back", c, c.callback and self.now > c.arrival + self.options.callback_ms[c.queue])
        self.count("in_target", c, in_time if deferred else waited <= self.options.threshold_ms[c.queue])
        if ends:
            self.follow(c, end)

    def follow(self, c, end):
        edges = self.demand.lag_edges_min * 60_000
        for queue, expected in enumerate(self.demand.follow_ups[c.queue].tolist()):
            for k in range(int(np.ceil(expected))):
                if expected - k >= 1.0 or luck.follows_up(c.word, queue, k, expected - k):
                    child = np.uint64(luck.follow_up_word(c.word, queue, k))
                    cdf = self.demand.delay_cdf[c.queue, queue]
                    delay = int(luck.follow_up_delay_ms(child, edges, 0, cdf, 0, len(cdf)))
                    self.cause(child, queue, "follow_ups", max(end, c.arrival + delay))

    # Agents.

    def need(self, queue):
        slots = int(self.staffing.slots[queue]) if self.staffing.law[queue] == CONCURRENT else 1
        return Fraction(1, slots)

    def busy(self, queue):
        return [a for a in self.serving(queue) if a.load > 0]

    def serving(self, queue):
        return [a for a in self.agents if a.on_duty and any(link[0] == queue for link in self.links[a.group])]

    def offer(self, c):
        waited, need = self.now - c.arrival, self.need(c.queue)
        if self.shares(c.queue):
            found = [
                (tier, a.load, a.since[0], order, a.since[1], a.number)
                for order, (group, tier, after) in enumerate(self.served_by[c.queue])
                for a in self.agents
                if a.on_duty and a.group == group and after <= waited and a.load + need <= 1
            ]
            if found:
                agent = self.agents[min(found)[-1]]
                self.assign(c, agent)
                if agent.load < 1:
                    self.settle(agent)
                return True
            return self.look_later(c, waited)
        for chatting in (True, False) if need < 1 else (False,):
            found = [
                (tier, a.since[0], order, a.since[1], a.number)
                for order, (group, tier, after) in enumerate(self.served_by[c.queue])
                for a in self.agents
                if a.on_duty and a.group == group and after <= waited
                if (a.load > 0) == chatting and a.load + need <= 1
            ]
            if found:
                agent = self.agents[min(found)[-1]]
                self.assign(c, agent)
                if agent.load < 1:
                    self.settle(agent)
                return True
        return self.look_later(c, waited)

    def look_later(self, c, waited):
        later = [after for _, _, after in self.served_by[c.queue] if after > waited]
        if later:
            self.at(c.arrival + min(later), WIDENING, c.tie, self.widen, c)
        return False

    def widen(self, c):
        if c.state == "waiting" and c.give_up > self.now:
            self.offer(c)

    def assign(self, c, agent, stretch=1.0):
        need = self.need(c.place if c.place >= 0 else c.queue)
        self.work_on(agent)
        agent.load += need
        if c.state == "waiting" and c.kind != "old" and self.work_steps(c):
            self.now_at_step(c, agent, stretch)
            return
        handle = self.work(c, self.staffing.speed[agent.number, c.queue])
        end = self.now + handle * need.denominator
        if self.shares(c.queue):
            agent.held.append([c, (end - self.now) << 16, self.now])
            self.answer(c, end, handle, ends=False)
            self.set_next_end(agent)
            return
        self.set_next_end(agent)
        self.spread(self.busy_ms, agent.group, self.now, end, need.denominator)
        self.answer(c, end, handle)
        free = end + int((end - self.now) * (stretch - 1.0))
        self.at(free, END, (agent.number, need.denominator), self.release, agent, need)

    # Chats whose agent is the faster the fewer he holds.

    def shares(self, queue):
        return any(ratio != 1.0 for ratio in self.staffing.ratios[queue])

    def pace(self, agent, queue):
        slots = self.need(queue).denominator
        ratio = self.staffing.ratios[queue][ceil(agent.load * slots) - 1]
        return min(max(1, round(65536 / ratio)), 1 << 26)

    def work_on(self, agent):
        for chat in agent.held:
            chat[1] -= (self.now - agent.paced) * self.pace(agent, chat[0].queue)
        agent.paced = self.now

    def set_next_end(self, agent):
        ends = [max(0, ceil(Fraction(left, self.pace(agent, c.queue)))) for c, left, _ in agent.held]
        if ends:
            self.at(self.now + min(ends), END, (agent.number, 0), self.end_held, agent)

    def end_held(self, agent):
        self.work_on(agent)
        done = next((chat for chat in agent.held if chat[1] <= 0), None)
        if done is not None:
            c, _, began = done
            agent.held.remove(done)
            need = self.need(c.queue)
            self.spread(self.busy_ms, agent.group, began, self.now, need.denominator)
            self.follow(c, self.now)
            self.release(agent, need)

    def head(self, queue, line="new"):
        if line == "due":
            return self.due_first(queue)
        return next(
            (c for c in self.lines[queue, line] if c.state == "waiting" and c.give_up > self.now), None
        )

    # Steps of cases, calls, chase contacts.

    def work_steps(self, c):
        return self.options.later.steps.get(c.queue) or (
            (Call(),) if c.queue in self.options.later.calls else ()
        )

    def step_key(self, c):
        return c.queue, self.work_steps(c)[c.step].name

    def to_step(self, c, step, ready):
        c.state, c.step = "between", step
        c.place = c.queue if c.queue in self.options.later.calls else self.work_steps(c)[step].queue
        if ready > self.now:
            self.at(ready, ARRIVING, c.tie, self.join_step, c)
        else:
            self.join_step(c, pull=False)

    def join_step(self, c, pull=True):
        c.state, c.joined = "waiting", self.now
        self.lines[c.place, "due"].append(c)
        if pull:
            self.pull()

    def is_open(self, queue, instant):
        t = instant // self.step
        return t < self.demand.grid.n and self.demand.landing_start[queue, t] == t

    def until(self, c):
        lists = {one.name: one.until_ms for one in self.options.later.calls[c.queue].lists}
        return lists.get(c.list, NEVER)

    def due_first(self, queue):
        calls = queue in self.options.later.calls
        if calls and not self.is_open(queue, self.now):
            return None
        waiting = sorted(
            (c for c in self.lines[queue, "due"] if c.state == "waiting" and c.place == queue),
            key=lambda c: (c.due, c.tie),
        )
        for c in waiting:
            if not calls or c.kind == "old" or c.queue != queue or self.now < self.until(c):
                return c
            c.state = "between"
            self.leave_line(c, self.until(c))
        return None

    def leave_line(self, c, instant=NEVER):
        self.lines[c.place, "due"].remove(c)
        waited = min(self.now, self.horizon, instant) - min(c.joined, self.horizon)
        self.steps[self.step_key(c), "wait"] += waited

    def luck_of_try(self, c):
        name = word_of(self.work_steps(c)[c.step].name)
        return np.uint64(luck.try_word(c.word if c.luck is None else c.luck, name, c.tries))

    def now_at_step(self, c, agent, stretch):
        take = self.make_calls if c.queue in self.options.later.calls else self.work_at_step
        end = self.now + take(c, agent)
        self.spread(self.busy_ms, agent.group, self.now, end)
        free = end + int((end - self.now) * (stretch - 1.0))
        self.at(free, END, (agent.number, 1), self.release, agent, Fraction(1))

    def timed(self, c, agent, word, mean_s):
        variance = np.log1p(self.demand.handle_cv[c.queue] ** 2)
        median = mean_s * 1000.0 * np.exp(-0.5 * variance)
        handle = int(luck.handle_ms(word, median, np.sqrt(variance)))
        return max(1, int(handle / self.staffing.speed[agent.number, c.place] + 0.5))

    def work_at_step(self, c, agent):
        steps, key, word = self.work_steps(c), self.step_key(c), self.luck_of_try(c)
        step = steps[c.step]
        self.leave_line(c)
        if np.isnan(c.own[0]):
            handle = self.timed(c, agent, word, step.handle_s)
            again = bool(luck.comes_back(word, step.rework))
        else:
            share = step.work_s / sum(s.work_s for s in steps)
            handle = max(1, int(round(c.own[0] * 1000.0) * share + 0.5))
            handle = max(1, int(handle / self.staffing.speed[agent.number, c.place] + 0.5))
            again = False
        end = self.now + handle
        self.steps[key, "begun"] += 1
        self.steps[key, "work"] += handle
        if again:
            self.steps[key, "again"] += 1
            self.count("handle_ms", c, handle if c.kind != "open" else 0)
            c.tries += 1
            self.to_step(c, c.step, end)
        elif c.step + 1 < len(steps):
            self.count("handle_ms", c, handle if c.kind != "open" else 0)
            c.tries = 0
            self.to_step(c, c.step + 1, end + steps[c.step + 1].wait_ms)
        else:
            self.answer(c, end, handle)
        return handle

    def make_calls(self, first, agent):
        queue = first.queue
        law, key, talk, called = self.options.later.calls[queue], self.step_key(first), None, [first]
        self.leave_line(first)
        first.state = "between"
        for _ in range(1, law.pacing if self.trace is None else 1):
            more = self.due_first(queue)
            if more is None or more.kind == "old" or more.queue != queue:
                break
            self.leave_line(more)
            more.state = "between"
            called.append(more)
        vain_ms = max(1, law.vain_ms)
        answered = []
        for c in called:
            self.lists[queue, c.list, "calls"] += 1
            self.steps[key, "begun"] += 1
            given = not np.isnan(c.own[0])
            if given or not luck.comes_back(self.luck_of_try(c), 1.0 - law.reached):
                answered.append(c)
        if answered:
            talker, *others = answered
            if not np.isnan(talker.own[0]):
                speed = self.staffing.speed[agent.number, queue]
                talk = max(1, int(max(1, round(talker.own[0] * 1000.0)) / speed + 0.5))
            else:
                mean = self.demand.handle_mean_s[queue, self.now // self.step]
                talk = self.timed(talker, agent, self.luck_of_try(talker), mean if mean > 0 else law.talk_s)
            self.lists[queue, talker.list, "reached"] += 1
            self.answer(talker, self.now + talk, talk)
            for c in others:
                c.state = "gone"
                self.lists[queue, c.list, "dropped"] += 1
                self.count("abandoned", c)
                self.count("due", c, -(c.due <= self.horizon))
        for c in called:
            if c in answered:
                continue
            spent = vain_ms if c is first and not answered else 0
            if c.tries + 1 >= law.attempts:
                self.lists[queue, c.list, "exhausted"] += 1
                self.answer(c, self.now + vain_ms, spent, ends=False)
                continue
            self.count("handle_ms", c, spent)
            c.tries += 1
            ready = self.now + vain_ms + law.pause_ms
            while ready < self.horizon and not self.is_open(queue, ready):
                ready = (ready // self.step + 1) * self.step
            if ready < min(self.horizon, self.until(c)):
                self.steps[key, "again"] += 1
                self.to_step(c, 0, ready)
        self.steps[key, "work"] += talk or vain_ms
        return talk or vain_ms

    def count_backlog(self, t):
        for (queue, _), contacts in self.lines.items():
            if self.staffing.law[queue] != DEFERRED:
                continue
            for c in contacts:
                if c.state == "waiting" and c.kind != "old":
                    calls = c.queue in self.options.later.calls
                    self.counts["backlog", queue, t] += not calls or self.now <= self.until(c)
        for c in self.old:
            self.counts["backlog", c.queue, t] += c.kind == "old" and c.state in ("coming", "waiting")

    def open_lists(self, t):
        told = {q for q in self.options.later.calls if self.is_open(q, self.now)}
        told = {q for q in told if t == 0 or not self.is_open(q, self.now - self.step)}
        told = {q for q in told if self.due_first(q)}
        forced = self.options.forced_abandonment is not None
        for queue, law in sorted(self.options.later.calls.items()):
            for one in () if forced else law.lists:
                word = word_of(f"{self.demand.queues[queue]}/list/{one.name}")
                stream, before = np.uint64(luck.calls_word(self.base, word)), 0
                windows = zip(one.interval.tolist(), one.due_ms.tolist(), one.number.tolist(), strict=True)
                for start, due, number in windows:
                    for k in range(number if start == t else 0):
                        contact_id = np.uint64(luck.fresh_word(stream, before + k))
                        c = Contact(contact_id, queue, "fresh", self.now, due=due, list=one.name, place=queue)
                        self.stepped.append(c)
                        self.count("offered", c)
                        self.count("fresh", c)
                        self.count("due", c, due <= self.horizon)
                        self.lists[queue, one.name, "people"] += 1
                        self.to_step(c, 0, self.now)
                        told |= {queue} if self.due_first(queue) else set()
                    before += number
        if told:
            self.pull()

    def watch(self, c, word):
        law = self.options.later.chasing.get(c.queue)
        late_at = max(c.due, c.arrival)
        if law is not None and law.contacts > 0 and late_at < self.horizon:
            self.at(late_at, CHASING, c.tie, self.chase, c, law, word)

    def chase(self, c, law, word):
        if c.state == "gone":
            return
        for k in range(ceil(law.contacts)):
            if law.contacts - k >= 1.0 or luck.chases(word, k, law.contacts - k):
                child = np.uint64(luck.chase_word(word, k))
                delay = int(luck.chase_delay_ms(child, law.within_ms))
                self.chased[c.queue] += self.cause(child, law.queue, "follow_ups", self.now + delay)

    def settle(self, agent):
        while agent.load < 1:
            found = []
            for queue, tier, after in self.links[agent.group]:
                c = self.head(queue)
                waits = c and self.staffing.law[queue] < DEFERRED and self.now - c.arrival >= after
                if waits and agent.load + self.need(queue) <= 1:
                    found.append((tier, c.arrival, queue, c))
            if not found:
                break
            self.assign(min(found, key=lambda row: row[:3])[-1], agent)
        if agent.load < 1:
            self.joined += 1
            agent.since = (self.now, self.joined)
            if agent.load == 0:
                self.pull()

    def free(self, queue, main):
        kept = (a for a in self.serving(queue) if self.staffing.main[a.group] == main)
        return sum(not a.away for a in kept)

    def spare(self, group, hurried):
        t, answer, wants = self.now // self.step, 2, []
        for queue, _, _ in self.links[group]:
            if self.staffing.law[queue] < DEFERRED and self.demand.landing_start[queue, t] == t:
                allowed = int(self.options.max_occupancy * len(self.serving(queue)) + 1e-9)
                if len(self.busy(queue)) + 1 > max(1, allowed):
                    return 0
                kept = self.options.kept is not None and not hurried
                if kept:
                    own, asked = self.free(queue, queue), ceil(self.options.kept[queue, t])
                    if self.staffing.main[group] == queue and own <= asked:
                        return 0
                    wants.append((self.free(queue, -1), max(0, asked - own)))
                    if self.staffing.main[group] == -1 and wants[-1][0] <= wants[-1][1]:
                        return 0
                answer = 1
        if self.staffing.main[group] == -1 and wants and max(wants)[0] <= sum(w[1] for w in wants):
            return 0
        return answer

    def hurried(self, c):
        return self.now - c.arrival >= self.options.deferred_waits * (c.due - c.arrival)

    def pull(self):
        if self.now >= self.horizon:
            return
        for group, links in enumerate(self.links):
            while True:
                idle = [a for a in self.agents if a.on_duty and a.group == group and a.load == 0]
                spare = self.spare(group, True)
                heads = [
                    (c.due, order, c)
                    for order, (queue, line) in enumerate(
                        (q, ln) for q, _, _ in links for ln in ("new", "due")
                    )
                    if self.staffing.law[queue] == DEFERRED and (c := self.head(queue, line))
                ]
                if self.spare(group, False) == 0:
                    heads = [row for row in heads if self.hurried(row[-1])]
                if not idle or not heads or spare == 0:
                    break
                first = min(heads, key=lambda row: row[:2])[-1]
                agent = min(idle, key=lambda a: a.since)
                stretch = 1.0 / self.options.max_occupancy if spare == 2 else 1.0
                self.assign(first, agent, stretch)
                agent.away = True

    def release(self, agent, need):
        self.work_on(agent)
        agent.load -= need
        agent.away = agent.away and agent.load > 0
        self.set_next_end(agent)
        if agent.on_duty:
            self.settle(agent)
        elif agent.load == 0:
            self.spread(self.duty_ms, agent.group, agent.off_since, self.now)
        self.dial()

    def go_off(self, agent, group, end):
        agent.on_duty, agent.off_since = False, self.now

    def come_on(self, agent, group, end):
        if agent.load > 0:
            self.spread(self.duty_ms, agent.group, agent.off_since, self.now)
        agent.on_duty, agent.group = True, group
        self.spread(self.duty_ms, group, self.now, end)
        self.settle(agent)
