"""Phone numbers and e-mail addresses in one way of writing, so that the same one of two sources joins."""

from typing import Literal

import pandas as pd

from wfo.tables.convert import text_of

Address = Literal["phone", "email", "address"]
"""What a column holds; an address is either, told apart by its ``@``."""

_SCHEME = r"^(?:tel|callto|sips?|mailto):(?://)?"
_NUMBER = r"\+?\d{3,}"


def normalised(values: pd.Series, kind: Address) -> pd.Series:
    """Addresses without scheme, parameters and punctuation; what is none stays as it came.

    A phone number begins with ``+`` where it or ``00`` says its country; no country is guessed. E-mail
    addresses are in lower case.

    Parameters
    ----------
    values : Series
    kind : {"phone", "email", "address"}

    Examples
    --------
    >>> cells = pd.Series(["tel:+49 (0)30 123-45", "004930 12345", "sip:+493012345@x.de;user=phone", "Shop"])
    >>> normalised(cells, "phone").tolist()
    ['+493012345', '+493012345', '+493012345', 'Shop']
    >>> normalised(pd.Series(["mailto:Anna@X.de", " anna@x.de "]), "address").tolist()
    ['anna@x.de', 'anna@x.de']
    """
    text = text_of(values).str.strip()
    if kind == "phone":
        return _phones(text)
    if kind == "email":
        return _emails(text)
    written = text.str.contains("@", regex=False, na=False) & ~text.str.match(r"(?i)sips?:", na=False)
    return _phones(text).mask(written, _emails(text))


def _phones(text: pd.Series) -> pd.Series:
    bare = text.str.replace(_SCHEME, "", case=False, regex=True).str.replace(r"[;?@].*$", "", regex=True)
    digits = bare.str.replace(r"(?<=\d)[\s.-]*\(0\)", "", regex=True).str.replace(
        r"[\s()./-]", "", regex=True
    )
    digits = digits.str.replace("^00", "+", regex=True)
    return digits.where(digits.str.fullmatch(_NUMBER, na=False), text)


def _emails(text: pd.Series) -> pd.Series:
    bare = text.str.replace(_SCHEME, "", case=False, regex=True).str.replace(r"\?.*$", "", regex=True)
    return bare.str.lower().where(bare.str.contains("@", regex=False, na=False), text)
