"""What chains come to by R: net of coincidences, with the follow-ups that showed no identity.

Links found in the log miss follow-ups without identity and hold needs that came together by chance. R is
right on both counts, so it tells what share of chains truly needed more than one contact: fresh contacts are
those that came less those that R and the redials say were caused, and a chain goes on where its fresh contact
is followed.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from wfo.chains.staging import ABANDONED, IGNORED
from wfo.tables.sql import Sql

SCOPE = "estimated"


def estimated(
    came: Mapping[str, tuple[int, int]], kernel: pd.DataFrame, redial: Mapping[str, Mapping[str, float]]
) -> dict[str, tuple[float, float]]:
    """Metrics of chains by R, each with the chains or contacts it is over.

    Parameters
    ----------
    came : mapping of str to (int, int)
        Contacts by queue, and how many of them were given up.
    kernel : DataFrame
        Table ``kernel``.
    redial : mapping
        By queue ``p``.

    Returns
    -------
    dict of str to (float, float)
        ``contacts_per_chain``, ``failed_contacts_per_chain`` (contacts caused, a chain), ``repeat`` (chains
        whose first contact another followed) and ``first_contact_resolution``; empty without fresh contacts.
        A contact is taken to cause one other or none. Where R and redials tell of more contacts to a queue
        than came to it, they are scaled down to those that came, all of which were then caused.

    Examples
    --------
    >>> kernel = pd.DataFrame({"from_queue": ["web"], "to_queue": ["voice"], "r": [0.2]})
    >>> found = estimated({"web": (1000, 0), "voice": (200, 0)}, kernel, {})
    >>> {name: round(value, 3) for name, (value, _) in found.items()}["repeat"]
    0.2
    """
    queues = list(came)
    total = np.array([came[q][0] for q in queues], dtype=np.float64)
    lost = np.array([came[q][1] for q in queues], dtype=np.float64)
    pairs = kernel.pivot_table(
        index="from_queue", columns="to_queue", values="r", aggfunc="sum", fill_value=0.0
    )
    r = pairs.reindex(index=queues, columns=queues, fill_value=0.0).to_numpy()
    again = np.array([float(redial.get(q, {}).get("p", 0.0)) for q in queues])
    caused = (total - lost) @ r + lost * again
    possible = np.divide(total, caused, out=np.ones_like(total), where=caused > total)
    r, again = r * possible, again * possible
    fresh = np.where(caused > total, 0.0, total - caused)
    chains = float(fresh.sum())
    if not chains:
        return {}
    given_up = lost / np.maximum(total, 1.0)
    follows = np.minimum(r.sum(axis=1), 1.0)
    repeat = float(fresh @ ((1 - given_up) * follows + given_up * again)) / chains
    first = float(fresh @ ((1 - given_up) * (1 - follows))) / chains
    contacts = float(total.sum())
    return {
        "contacts_per_chain": (contacts / chains, chains),
        "failed_contacts_per_chain": ((contacts - chains) / chains, chains),
        "first_contact_resolution": (first, chains),
        "repeat": (repeat, chains),
    }


def contacts_by_queue(sql: Sql, queues: tuple[str, ...]) -> dict[str, tuple[int, int]]:
    """Contacts that R speaks of, by queue, and how many of them were given up."""
    rows = sql.rows(
        f"""SELECT queue, count(*), sum(CASE WHEN outcome = {ABANDONED} THEN 1 ELSE 0 END) FROM contact
        WHERE queue > 0 AND NOT capped AND outcome <> {IGNORED} GROUP BY 1 ORDER BY 1"""
    )
    return {queues[queue - 1]: (int(n), int(lost)) for queue, n, lost in rows}
