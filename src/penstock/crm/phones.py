"""Telephone numbers: as they are kept, and as they are compared."""

from __future__ import annotations

import re
from functools import lru_cache

import phonenumbers

# Fewer digits than this are an extension, or no number at all.
_FEWEST = 7
_KEPT = re.compile(r"\+[1-9]\d{6,14}")


@lru_cache(maxsize=4_096)
def normalised(phone: str, country: str = "") -> str:
    """A number in its international form (E.164, `+33142685300`), with ` ext. 12` where it has an extension.

    country: two letters, for numbers that are written as at home. What cannot be read for certain stays as it was typed.
    """
    typed = phone.strip()
    if not typed or _KEPT.fullmatch(typed):
        return typed
    number = _parsed(typed, country)
    if number is None:
        return typed
    plain = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{plain} ext. {number.extension}" if number.extension else plain


@lru_cache(maxsize=65_536)
def phone_key(phone: str, country: str = "") -> str:
    """The digits by which two numbers are compared; empty for what is too short to tell anybody apart."""
    typed = normalised(phone, country).partition(" ext. ")[0]
    digits = re.sub(r"\D", "", typed)
    if digits.startswith("00"):
        digits = digits[2:]
    return digits if len(digits) >= _FEWEST else ""


def _parsed(phone: str, country: str) -> phonenumbers.PhoneNumber | None:
    region = country.upper() or None
    if region is None and not phone.startswith(("+", "00")):
        return None
    try:
        number = phonenumbers.parse(f"+{phone[2:]}" if phone.startswith("00") and region is None else phone, region)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None
