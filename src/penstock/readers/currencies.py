"""The signs and codes that stand beside an amount."""

from __future__ import annotations

# ISO 4217 codes in use, and those that files of the last decades still hold.
_ISO = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLF
CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG
HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD
MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF
SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS
VES VND VUV WST XAF XCD XOF XPF XXX YER ZAR ZMW ZWG ATS BEF DEM ESP FIM FRF GRD IEP ITL LTL LVL LUF NLG PTE SIT SKK
EEK CYP MTL
"""
CODES = frozenset(_ISO.split())
# Words that are signs; whatever holds a currency sign of Unicode ($, €, US$ …) is one, too.
WORDS = frozenset({"kr", "zł", "zl", "kč", "ft", "lei", "fr", "sfr", "r", "rm", "rs", "лв", "руб", "rp", "ksh"})


def is_currency(unit: str) -> bool:
    """Whether what stands beside a number is a currency: a code, a word or anything with a currency sign."""
    import unicodedata

    word = unit.rstrip(".")
    return word.upper() in CODES or word.lower() in WORDS or any(unicodedata.category(letter) == "Sc" for letter in unit)
