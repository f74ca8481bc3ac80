"""Memory: everything the kernel works on, in one ``int64`` and one ``float64`` array.

The kernel's many small functions pass two arrays only: with one array for each table compiling took a minute
and each call counted the references of fifty arrays. The first words of the integer memory are registers and
the addresses of blocks; a contact, an agent or a queue is the address of its record; a record's fields are
the constants below. Instants are milliseconds after the grid's start.
"""

# Registers: sizes, the running state, then addresses of blocks in the integer and in the float memory.
(
    QUEUES_N,
    INTERVALS_N,
    GROUPS_N,
    STEP_MS,
    HORIZON_MS,
    START_MIN,
    BASE,
    FORCED,
    BINS_N,
    OLD_N,
    TRACE_N,
    TRACED,
    EVENTS_N,
    HEAP_N,
    HEAP_SIZE,
    NEXT_CONTACT,
    CONTACTS_END,
    FULL,
    WAITING_DEFERRED,
    INTERVAL,
    DIALLERS_N,
    CALLS_N,
    LISTED_N,
    HOLDS,
    RELEASED,
    QUEUES,
    GROUPS,
    AGENTS,
    SERVES,
    SERVED_BY,
    FOLLOWS,
    PACES,
    EVENTS,
    ABSENT,
    DIALLERS,
    DIAL_GROUPS,
    STEPS,
    LISTS,
    LISTED,
    CHASES,
    FRESH_COUNTS,
    CARRIED_COUNTS,
    BUCKETS,
    LANDING_START,
    LANDING_LEN,
    DUE_MS,
    DUE_TURN,
    DUE_GAP,
    KEPT,
    EDGES_MS,
    OLD_WORK,
    TRACE,
    COUNTS,
    OLD_COUNTS,
    STEP_COUNTS,
    LIST_COUNTS,
    CHASE_COUNTS,
    BUSY_MS,
    DUTY_MS,
    HEAP,
    FOUND,
    SORTED,
    BINS,
    CONTACTS,
    F_QUEUES,
    F_HANDLE,
    F_FOLLOW_UPS,
    F_DELAYS,
    F_SPEED,
    F_DIALLERS,
    F_STEPS,
    F_CHASES,
) = range(72)
REGISTERS = 72
F_MAX_OCCUPANCY, F_WAITS = range(2)
F_REGISTERS = 2
"""Registers of the float memory."""

# A queue: constants, its line of contacts (head and tail), the top of its heap of work by due instant, the
# numbers of agents who serve it, and of those who do no deferred work now and keep to it (Q_OWN) or to none
# (Q_LOOSE); in the float memory its laws.
(
    Q_LAW,
    Q_SLOTS,
    Q_UNITS,
    Q_THRESHOLD,
    Q_SHORT,
    Q_FRESH_WORD,
    Q_CARRIED_WORD,
    Q_LINE,
    Q_LINE_TAIL,
    Q_BY_DUE,
    Q_ON_DUTY,
    Q_BUSY,
    Q_OWN,
    Q_LOOSE,
    Q_SERVED_FROM,
    Q_SERVED_TO,
    Q_FOLLOWS_FROM,
    Q_FOLLOWS_TO,
    Q_IN_LINE,
    Q_ROOM,
    Q_CALLBACK_MS,
    Q_PACE,
    Q_STEPS_FROM,
    Q_STEPS_TO,
    Q_LISTS,
) = range(25)
QUEUE_SIZE = 26
QF_SIGMA, QF_PATIENCE_MS, QF_REDIAL_P, QF_REDIAL_MEAN_MS, QF_FORCED_P, QF_BALK_P, QF_CALLBACK_P = range(7)
QUEUE_F_SIZE = 8

# A group of agents: what it serves, its lists of agents who are idle and of those who are chatting with room,
# the queue it keeps to, or −1.
G_SERVES_FROM, G_SERVES_TO, G_IDLE, G_IDLE_TAIL, G_CHATTING, G_CHATTING_TAIL, G_MAIN = range(7)
GROUP_SIZE = 8

# An agent. A_LIST is the address of the list he is in, A_HELD of the chat he took last, or −1; the work left
# in the chats he holds is that at A_PACED; A_AWAY: 1 while he does deferred work.
(
    A_NUMBER,
    A_GROUP,
    A_ON_DUTY,
    A_LOAD,
    A_LIST,
    A_BEFORE,
    A_AFTER,
    A_SINCE,
    A_OFF_SINCE,
    A_HELD,
    A_PACED,
    A_AWAY,
) = range(12)
AGENT_SIZE = 12

# Who serves what: (queue or group, tier, after_ms).
L_WHAT, L_TIER, L_AFTER_MS = range(3)
LINK_SIZE = 3

# A possible follow-up: queue, and number of the pair in the float memory's rates and delays.
O_QUEUE, O_PAIR = range(2)
FOLLOW_SIZE = 2

# The roster: an agent's segment starts (1) or ends (0).
R_INSTANT, R_STARTS, R_AGENT, R_GROUP, R_SHIFT, R_END = range(6)
ROSTER_SIZE = 6

# A dialler; by group whether its free agents count for it (COUNTED) and serve its queue, too (SERVING). In
# the float memory: numbers called for each free agent, then the probability to reach somebody by interval.
D_QUEUE, D_LEAST_FREE, D_WORD, D_MADE = range(4)
DIAL_SIZE = 4
COUNTED, SERVING = 1, 2

# A step of a queue's work: who does it, ms that pass before it, its name's word, most tries, ms that pass
# before a further try, numbers called at once (0: no call). In the float memory its median ms, the chance
# that a try is vain, ms of a vain call, its share of a case's work.
S_QUEUE, S_WAIT_MS, S_WORD, S_MOST, S_PAUSE_MS, S_PACING = range(6)
STEP_SIZE = 6
SF_MEDIAN_MS, SF_AGAIN_P, SF_VAIN_MS, SF_SHARE = range(4)
STEP_F_SIZE = 4

# Lists of calls: name's word, ms after which nobody of it is called; the first of a queue are its contacts
# that are on no list. Listed people: queue, number of the queue's list, interval in which they may be called
# first, due instant, how many, how many of the list before.
LIST_WORD, LIST_UNTIL_MS = range(2)
LIST_SIZE = 2
LISTED_QUEUE, LISTED_LIST, LISTED_FROM, LISTED_DUE, LISTED_NUMBER, LISTED_BEFORE = range(6)
LISTED_SIZE = 6

# Where late work of a queue is asked after, and ms within which; in the float memory how often.
CH_QUEUE, CH_WITHIN_MS = range(2)
CHASE_SIZE = 2

# A contact, one cache line. C_CELL: where its counts stand, and so the queue to which it came. C_WHAT: queue
# in which it waits (that of its step), kind, number of its step, tries at it before this one, list.
C_WORD, C_WHAT, C_ARRIVAL, C_GIVE_UP, C_NEXT, C_STATE, C_CELL, C_DUE = range(8)
CONTACT_SIZE = 8
KIND_AT, STEP_AT, TRIES_AT, LIST_AT = 16, 20, 28, 44
QUEUES_MOST, STEPS_MOST, TRIES_MOST, LISTS_MOST = 1 << 16, 1 << 8, (1 << 16) - 1, 1 << 16
KINDS_MOST = 16
# While an agent holds a chat whose pace changes, its fields of waiting are free for these.
C_REMAINS, C_BESIDE, C_BEGAN = C_GIVE_UP, C_CELL, C_DUE
# In a heap of work by due instant nobody gives up: what comes below a contact.
C_LEFT, C_RIGHT = C_NEXT, C_GIVE_UP

# Work from before the horizon: (queue, due, handle time, step it stands at, release, whether nobody asks
# after it, word of what it causes).
OLD_QUEUE, OLD_DUE_AT, OLD_HANDLE_MS, OLD_STEP, OLD_RELEASE, OLD_SILENT, OLD_WORD = range(7)
OLD_SIZE = 7

# A given contact, see `wfo.simulation.trace`; the contacts' records come in the same order.
T_WORD, T_QUEUE, T_ARRIVAL, T_HANDLE_MS, T_PATIENCE_MS, T_WAITED_MS = range(6)
TRACE_SIZE = 6

# An event is one word, ordered by instant, rank and what it is about: for an end the agent's number and the
# slots his contact holds (agent · SLOTS_MOST + slots; 0 slots where it is one of those he holds that is
# done), nothing for an opening, else a contact's number; smaller words come first.
RANK_BITS, ABOUT_BITS = 3, 25
END, ROSTER, OPENING, GIVING_UP, ARRIVING, WIDENING, CHASING = range(7)
SLOTS_MOST = 32
LAST_MS = (1 << 35) - 1
"""Instants are at most this, about 400 days after the grid's start."""
CONTACTS_MOST, AGENTS_MOST = 1 << ABOUT_BITS, (1 << ABOUT_BITS) // SLOTS_MOST

IMMEDIATE, CONCURRENT, DEFERRED, UNSTAFFED = range(4)
FRESH, CARRIED, FOLLOW_UP, REDIAL, BACKLOG, OPEN_CASE = range(6)
COMING, WAITING, GONE, LATE, BETWEEN = range(5)

# Counts by interval of arrival and queue, side by side;
# a kind's count stands at N_FRESH + kind. N_WAITING: change of the backlog.
(
    N_OFFERED,
    N_FRESH,
    N_CARRIED,
    N_FOLLOW_UP,
    N_REDIAL,
    N_ANSWERED,
    N_ABANDONED,
    N_SHORT,
    N_IN_TARGET,
    N_DUE,
    N_LEFT,
    N_WAITING,
    MS_WAIT,
    MS_HANDLE,
    N_BALKED,
    N_CALLBACK,
) = range(16)
COUNTS_N = 16

# Counts by queue of work from before the horizon.
N_OLD_DUE, N_OLD_IN_TARGET, N_OLD_LEFT = range(3)
OLD_COUNTS_N = 3

# Counts of steps, of lists and, by the late work's queue, of chase contacts.
N_BEGUN, N_AGAIN, N_STEP_LEFT, MS_STEP_WAIT, MS_STEP_WORK = range(5)
STEP_COUNTS_N = 5
N_LISTED, N_CALLED, N_REACHED, N_DROPPED, N_EXHAUSTED = range(5)
LIST_COUNTS_N = 5

FULL_LOAD = 232_792_560
"""An agent's capacity in units, lcm(1, …, 20): a chat takes a whole number of them."""

PACE_ONE, PACE_MOST = 1 << 16, 1 << 26
"""Pace of a chat whose agent has given all slots away, and the fastest there is: a thousand times as fast."""

NEVER = 1 << 58
"""An instant after everything."""
DISTANT_MS = NEVER // 2
"""A due instant after everything."""
