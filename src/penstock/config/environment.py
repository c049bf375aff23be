"""The settings of this installation: from the environment, else from penstock.toml in the data folder, else the default.

PENSTOCK_DATA names the data folder (./penstock-data where it is not set), PENSTOCK_CONFIG another file. The secret key is the
variable PENSTOCK_SECRET_KEY, or the file `secret` in the data folder, which `penstock init` makes.
"""

from __future__ import annotations

import difflib
import os
import secrets
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from penstock.config.keys import KEYS

SECRET_FILE = "secret"


class BadSettings(ValueError):  # noqa: N818
    """Settings that cannot be used; the message names the file or variable, what is wrong and how to mend it."""


def data_folder() -> Path:
    """Where an installation keeps what is its own."""
    return Path(os.environ.get("PENSTOCK_DATA", "penstock-data")).resolve()


def read(environment: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Every setting of `keys.KEYS` by name. Raises BadSettings with all that is wrong."""
    variables = os.environ if environment is None else environment
    path = Path(variables.get("PENSTOCK_CONFIG") or data_folder() / "penstock.toml")
    given = _file(path)
    faults = [_unknown(path, name) for name in given if name not in {key.name for key in KEYS}]
    found: dict[str, Any] = {}
    for key in KEYS:
        where, value = key.default, None
        if key.variable in variables:
            where, value = f"the variable {key.variable}", variables[key.variable]
        elif key.name in given:
            where, value = f"{path}: {key.name}", _as_text(given[key.name])
        try:
            found[key.name] = key.default if value is None else key.read(value)
        except ValueError as fault:
            faults.append(f"{where} is {value!r}: {fault}.")
    if faults:
        raise BadSettings("\n".join(faults))
    return found


def secret_key() -> str:
    """The key with which sessions are signed. Raises BadSettings where there is none yet."""
    given = os.environ.get("PENSTOCK_SECRET_KEY")
    if given:
        return given
    try:
        return (data_folder() / SECRET_FILE).read_text(encoding="ascii").strip()
    except OSError:
        raise BadSettings(
            f"There is no installation in {data_folder()}. Run `penstock init`, or name another folder in PENSTOCK_DATA."
        ) from None


def make_secret() -> bool:
    """Write a new secret key that only this user can read, unless there is one; returns whether one was made."""
    folder = data_folder()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(folder / SECRET_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(50))
    return True


def _file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as fault:
        raise BadSettings(f"{path} cannot be read: {fault}.") from None


def _unknown(path: Path, name: str) -> str:
    near = difflib.get_close_matches(name, [key.name for key in KEYS], n=1)
    known = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(key.name for key in KEYS)}."
    return f"{path} has {name}, which is no setting. {known}"


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
