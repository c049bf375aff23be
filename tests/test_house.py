"""The rules of the house (CONTRIBUTING.md) that a program can check."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

MODULE_LINES = 300
FUNCTION_LINES = 60  # the rule is 40; this is where it ends

# Written apart, so that this file does not hold what it looks for.
REGISTRIES = [
    "pypi" + ".org",
    "pythonhosted" + ".org",
    "npmjs" + ".org",
    "npmjs" + ".com",
    "yarnpkg" + ".com",
    "crates" + ".io",
    "deb.debian" + ".org",
    "security.debian" + ".org",
    "proxy.golang" + ".org",
    "repo.maven" + ".apache.org",
    "repo1.maven" + ".org",
]
MACHINE_PATH = re.compile(r"(?<![\w.$~/-])/(?:work|root|tmp|home|opt|Users)/\w")
POSTPONED = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME)\b")
HELP = """
import sys
sys.argv = ["penstock", "--help"]
from penstock.cli import main
try:
    main()
except SystemExit as over:
    assert not over.code, over.code
"""
BINARY = {".png", ".jpg", ".gif", ".ico", ".parquet", ".xlsx", ".gz", ".zip", ".woff2", ".pdf"}


def tracked() -> list[Path]:
    """Every file that is in a commit or would get into the next one; without git, every file outside hidden folders."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\0")
        files = [ROOT / name for name in listed if name]
    except (OSError, subprocess.CalledProcessError):
        caches = re.compile(r"/(\.(venv|tools|git|hypothesis|\w+_cache|import_linter_cache)|__pycache__)/")
        files = [path for path in ROOT.rglob("*") if not caches.search(f"/{path.relative_to(ROOT).as_posix()}/")]
    return sorted(path for path in files if path.is_file())


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def python_files(*folders: str) -> list[Path]:
    """Those that people write: Django writes its migrations itself."""
    return [
        path
        for path in tracked()
        if path.suffix == ".py" and named(path).split("/")[0] in folders and not path.match("migrations/0*.py")
    ]


def lines_with(pattern: re.Pattern[str]) -> Iterator[str]:
    for path in tracked():
        if path.suffix in BINARY:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if pattern.search(line):
                yield f"{named(path)}:{number}: {line.strip()[:160]}"


def test_the_package_is_seen() -> None:
    """The tests below say nothing if they look at nothing."""
    assert len(python_files("src")) > 20
    assert ROOT / "pyproject.toml" in tracked()


def test_modules_are_short() -> None:
    long = {
        named(path): count
        for path in python_files("src", "tests", "benchmarks", "docs")
        if (count := _lines(path)) > MODULE_LINES
    }
    assert not long, f"split by idea: {long}"


def test_functions_are_short() -> None:
    long = [
        f"{named(path)}:{node.lineno} {node.name} {count}"
        for path in python_files("src", "tests", "benchmarks", "docs")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (count := _code_lines(node)) > FUNCTION_LINES
    ]
    assert not long, f"longer than {FUNCTION_LINES} lines: {long}"


def test_every_module_says_what_lives_in_it() -> None:
    silent = [
        named(path)
        for path in python_files("src")
        if path.name != "__main__.py" and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not silent, f"these need a docstring: {silent}"


def test_packages_are_named_for_what_they_hold() -> None:
    vague = [named(path) for path in python_files("src") if path.stem in {"utils", "helpers", "base", "common", "misc"}]
    assert not vague, f"name these by their idea: {vague}"


def test_no_package_registry_is_named() -> None:
    hosts = re.compile("|".join(re.escape(host) for host in REGISTRIES), re.IGNORECASE)
    assert not list(lines_with(hosts))


def test_no_path_of_one_machine_is_written_down() -> None:
    assert not list(lines_with(MACHINE_PATH))


def test_nothing_is_put_off_in_a_comment() -> None:
    assert not list(lines_with(POSTPONED)), "do it, or open an issue"


@pytest.mark.parametrize("line", ["cp x /ro" + "ot/y", "'/wo" + "rk/main'", 'open("/t' + 'mp/a")', "PATH=/ho" + "me/ann"])
def test_a_path_of_one_machine_is_recognised(line: str) -> None:
    assert MACHINE_PATH.search(line)


@pytest.mark.parametrize("line", ["docs/work/plan.md", "src/home/x", "~/opt/x", "https://example.com/work/x", "and/or"])
def test_a_path_that_fits_any_machine_is_let_be(line: str) -> None:
    assert not MACHINE_PATH.search(line)


def test_the_lock_has_a_hash_for_every_package() -> None:
    """What `make` installs is what was locked, byte for byte."""
    entries = re.split(r"\n(?=\S)", (ROOT / "requirements.lock").read_text(encoding="utf-8"))
    packages = [entry for entry in entries if not entry.startswith("#")]
    assert len(packages) > 50
    assert not [entry.split("\n")[0] for entry in packages if "==" not in entry or "--hash=sha256:" not in entry]


@pytest.mark.parametrize("does", ["import penstock", HELP], ids=["import penstock", "penstock --help"])
def test_what_answers_at_once_imports_nothing_slow(does: str) -> None:
    """Ibis, Altair and pandas cost seconds; they come in when a figure is asked for."""
    slow = "ibis", "altair", "pandas", "duckdb", "pyarrow", "numpy"
    program = f"{does}\nimport sys\nprint('SLOW', *sorted(set({slow!r}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "SLOW"


def test_links_between_pages_lead_somewhere() -> None:
    """A page that is named is there; links to the web are not followed."""
    link = re.compile(r"\]\((?![a-z]+:|#)([^)#\s]+)")
    broken = [
        f"{named(page)}: {target}"
        for page in tracked()
        if page.suffix == ".md"
        for target in link.findall(page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert not broken


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def _code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its docstring, which may be as long as it takes."""
    first = function.body[0]
    said = (first.end_lineno or 0) - first.lineno + 1 if ast.get_docstring(function) is not None else 0
    return (function.end_lineno or 0) - function.lineno + 1 - said
