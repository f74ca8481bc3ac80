import datetime as dt
import itertools

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from wfo.chains.identity import identify
from wfo.chains.settings import ChainSettings
from wfo.chains.staging import stage
from wfo.domain.centre import Centre
from wfo.tables.duck import DuckSql

NOW = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
DAY = pd.Timedelta(days=1)


def _rows(*pairs, day=0):
    """Contacts of (customer id, phone) and, where given, days before NOW."""
    pairs = [(*pair, day)[:3] for pair in pairs]
    count = len(pairs)
    return pd.DataFrame(
        {
            "interaction_id": [f"i{k:03d}" for k in range(count)],
            "customer_id": pd.Series([p[0] for p in pairs], dtype="str"),
            "customer_key": pd.Series([p[1] for p in pairs], dtype="str"),
            "key_type": pd.Series(["phone" if p[1] else None for p in pairs], dtype="str"),
            "channel": "voice",
            "direction": "in",
            "outcome": "handled",
            "started_at": pd.DatetimeIndex([pd.Timestamp(NOW) - (p[2] + 1) * DAY for p in pairs]).as_unit(
                "us"
            ),
        }
    )


def _identify(rows, links=None, splits=None, **caps):
    """Identity, merge log, and of each row: its customer (None if unknown) and the customer's label."""
    with DuckSql() as sql:
        staged = stage(sql, rows, Centre(), NOW, ChainSettings(**caps))
        identity, log = identify(sql, links, splits, staged.now_ms, ChainSettings(**caps))
        found = sql.rows(
            """SELECT d.customer, d.usable, l.label FROM raw r LEFT JOIN named d
            ON d.name = coalesce('i' || r.customer_id, 'k' || r.key_type || ':' || r.customer_key)
              AND r.started_ms >= d.from_ms AND r.started_ms < d.to_ms
            LEFT JOIN label l ON l.customer = d.customer ORDER BY r.interaction_id"""
        )
    who = [c if usable else None for c, usable, _ in found]
    return identity, log, who, [label for _, _, label in found]


def _links(*rows):
    columns = ["id_a", "type_a", "id_b", "type_b", "confidence", "valid_from", "valid_to"]
    frame = pd.DataFrame(rows, columns=columns)
    for column in ("valid_from", "valid_to"):
        frame[column] = pd.to_datetime(frame[column], utc=True).astype("datetime64[us, UTC]")
    return frame


def test_id_and_key_on_one_row_join_the_others():
    rows = _rows(("anna", "1"), ("anna", None), (None, "1"), ("ben", "2"), (None, "3"), (None, None))
    identity, _, who, labels = _identify(rows)
    assert who[0] == who[1] == who[2]
    assert len({who[0], who[3], who[4]}) == 3
    assert who[5] is None
    assert labels == ["anna", "anna", "anna", "ben", "phone:3", None]
    assert identity.coverage == 5 / 6
    assert identity.customers == 3


def test_key_over_the_cap_joins_nobody_and_identifies_nobody():
    rows = _rows(("a", "office"), ("b", "office"), ("c", "office"), (None, "office"))
    identity, log, who, _ = _identify(rows, key_cap=2)
    assert len(set(who[:3])) == 3
    assert who[3] is None
    assert identity.keys_over_cap == 1
    assert log["status"].tolist() == ["key over the cap"] * 3
    identity, log, who, _ = _identify(rows, key_cap=3)
    assert len(set(who)) == 1
    assert identity.largest_merge == 3
    assert log["status"].tolist() == ["joined"] * 3


def test_several_shared_keys_together_never_join_more_than_the_cap():
    rows = _rows(
        ("a", "1"), ("b", "1"), ("b", "2"), ("c", "2"), ("c", "3"), ("d", "3"), ("d", "own"), (None, "own")
    )
    identity, log, who, _ = _identify(rows, key_cap=3)
    assert len({who[0], who[1], who[3], who[5]}) == 4
    assert who[7] == who[5], "a key of one customer alone still joins"
    assert (identity.largest_merge, identity.merges_over_cap) == (1, 1)
    assert set(log["status"]) == {"merge over the cap"}
    assert len(set(_identify(rows, key_cap=4)[2])) == 1


def test_keys_alone_never_join_more_than_the_cap():
    """A phone linked with ten thousand addresses, and as many addresses in a row, none with a customer id."""
    several = 10_000
    names = [f"m{k:05d}" for k in range(several)]
    rows = _rows(*[(None, name) for name in names], (None, "shared")).assign(key_type="mail")
    star = _links(*[(name, "mail", "shared", "mail", None, None, None) for name in names])
    row = _links(*[(a, "mail", b, "mail", None, None, None) for a, b in itertools.pairwise(names)])
    identity, log, who, _ = _identify(rows, star, key_cap=40, customer_cap=10**6)
    assert (identity.keys_over_cap, identity.largest_merge) == (1, 1)
    assert len(set(who[:-1])) == several
    assert set(log["status"]) == {"key over the cap"}
    identity, log, who, _ = _identify(rows, row, key_cap=40, customer_cap=10**6)
    assert (identity.merges_over_cap, identity.largest_merge) == (1, 1)
    assert len(set(who)) == several + 1
    assert set(log["status"]) == {"merge over the cap"}
    few = _identify(rows, row.head(39), key_cap=40, customer_cap=10**6)
    assert (few[0].largest_merge, few[0].largest_label) == (40, "mail:m00000")


def test_many_keys_of_one_customer_are_no_merge():
    rows = _rows(*[("anna", f"cookie{k}") for k in range(60)], (None, "cookie7"))
    identity, log, who, _ = _identify(rows, key_cap=40)
    assert len(set(who)) == 1
    assert (identity.largest_merge, identity.merges_over_cap) == (1, 0)
    assert log.empty


@given(
    st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=25),
    st.integers(1, 5),
)
@settings(max_examples=25, deadline=None)
def test_whatever_is_shared_no_customer_is_put_together_of_more_than_the_cap(pairs, cap):
    """Numbers under six are customer ids, the others keys; contacts show one each, links join two."""
    shown = [(f"c{k}", None) if k < 6 else (None, f"k{k}") for k in range(12)]
    links = [
        (f"c{a}" if a < 6 else f"k{a}", "customer_id" if a < 6 else "phone",
         f"c{b}" if b < 6 else f"k{b}", "customer_id" if b < 6 else "phone", None, None, None)
        for a, b in pairs if a != b
    ]  # fmt: skip
    identity, _, who, _ = _identify(_rows(*shown), _links(*links) if links else None, key_cap=cap)
    ids = pd.Series(who[:6]).value_counts()
    with_ids = set(who[:6])
    keys = pd.Series(
        [w for w in who[6:] if w not in with_ids and w is not None], dtype="float64"
    ).value_counts()
    assert max([*ids, *keys, 0]) <= max(cap, 1)
    assert identity.largest_merge <= max(cap, 1)


def test_customer_over_the_cap_is_left_unlinked():
    identity, _, who, _ = _identify(_rows(*[("bot", None)] * 5, ("anna", None)), customer_cap=4)
    assert who[:5] == [None] * 5
    assert who[5] is not None
    assert (identity.customers_over_cap, identity.contacts_over_cap) == (1, 5)


def test_excluded_identities_join_nobody():
    rows = _rows(("a", "1"), ("b", "1"), ("test", "2"), ("c", "2"))
    identity, log, who, _ = _identify(rows, excluded_ids=("phone:1", "test"))
    assert who[0] != who[1]
    assert who[2] is None
    assert who[3] is not None
    assert identity.keys_over_cap == 0
    assert log["status"].tolist() == ["excluded"] * 3


def test_links_join_unless_weak_or_not_valid():
    links = _links(
        ("a", "customer_id", "b", "customer_id", 1.0, None, None),
        ("c", "customer_id", "d", "customer_id", 0.5, None, None),
        ("e", "customer_id", "f", "customer_id", None, "2026-01-01", None),
        ("g", "customer_id", "h", "customer_id", None, None, "2024-06-01"),
    )
    identity, _, who, _ = _identify(_rows(*[(c, None) for c in "abcdefgh"]), links)
    assert who[0] == who[1]
    assert len(set(who)) == 7
    assert identity.links_unused == 3


def test_a_link_of_limited_validity_holds_for_the_contacts_of_its_time():
    until, since = pd.Timestamp(NOW) - 50 * DAY, pd.Timestamp(NOW) - 40 * DAY
    links = _links(
        ("a", "customer_id", "1", "phone", None, None, until),
        ("b", "customer_id", "1", "phone", None, since, None),
    )
    rows = _rows(("a", None), ("b", None), (None, "1", 60), (None, "1", 45), (None, "1", 10))
    _, _, who, labels = _identify(rows, links)
    assert who[2] == who[0]
    assert who[4] == who[1]
    assert who[3] not in (who[0], who[1])
    assert labels[3] == "phone:1"


def test_a_merge_can_be_split_again():
    rows = _rows(("a", "1"), ("b", "1"), (None, "1"))
    _, log, who, _ = _identify(rows)
    assert len(set(who)) == 1
    assert log[["id_a", "type_a", "id_b", "type_b", "evidence"]].to_numpy().tolist() == [
        ["a", "customer_id", "1", "phone", "contact"],
        ["b", "customer_id", "1", "phone", "contact"],
    ]
    _, log, who, _ = _identify(rows, splits=log[log["id_a"] == "b"])
    assert who[0] == who[2] != who[1]
    assert log["status"].tolist() == ["split"]


@given(
    st.lists(
        st.tuples(st.sampled_from([None, "a", "b", "c", "d"]), st.sampled_from([None, "1", "2", "3"])),
        min_size=1,
        max_size=14,
    )
)
@settings(max_examples=25, deadline=None)
def test_components_equal_repeated_merging(pairs):
    _, _, who, _ = _identify(_rows(*pairs))
    group = list(range(len(pairs)))
    for _, (i, (a, k)), (j, (b, m)) in itertools.product(pairs, enumerate(pairs), enumerate(pairs)):
        if (a and a == b) or (k and k == m):
            group[i] = group[j] = min(group[i], group[j])
    assert [w is None for w in who] == [pair == (None, None) for pair in pairs]
    alone = [w if w is not None else f"alone {k}" for k, w in enumerate(who)]
    expected = np.equal.outer(group, group)
    assert (np.array([[x == y for y in alone] for x in alone]) == expected).all()


def test_placeholders_of_telephone_systems_are_nobody():
    """Thirty callers who withheld their number are thirty customers, below any cap."""
    rows = _rows(*((f"c{n}", "Anonymous ") for n in range(30)), (None, "anonymous"), ("unknown", None))
    identity, log, who, _ = _identify(rows)
    assert len(set(who[:30])) == 30
    assert who[30:] == [None, None]
    assert set(log["status"]) == {"excluded"}
    assert _identify(rows, placeholders=())[0].largest_merge == 30
