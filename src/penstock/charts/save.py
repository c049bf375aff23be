"""A chart into a file: SVG, PNG, PDF, HTML that needs nothing else, or its Vega-Lite specification, by the suffix."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import altair as alt

Spec = dict[str, Any]
# The page may load nothing: its one script is allowed by its hash, and the interpreter of expressions needs no eval.
POLICY = "default-src 'none'; script-src 'sha256-{hash}'; style-src 'unsafe-inline'; img-src data: blob:"
START = """
const chart = JSON.parse(document.getElementById("chart-spec").textContent);
vegaEmbed("#chart", chart, {
  mode: "vega-lite", renderer: "svg", ast: true,
  actions: {export: true, source: false, compiled: false, editor: false}
});
"""
PAGE = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>body {{ margin: 0; background: {ground}; }} #chart svg {{ max-width: 100%; height: auto; }}</style>
</head>
<body>
<div id="chart">{picture}</div>
<script type="application/json" id="chart-spec">{spec}</script>
<script>{script}</script>
</body>
</html>
"""


def save(chart: alt.TopLevelMixin, path: str | Path, *, scale: float = 2.0) -> Path:
    """Write the chart to `path`, whole or not at all, and return the path.

    The suffix decides: .svg, .png, .pdf, .html or .json (Vega-Lite). scale: pixels of a PNG per pixel of the chart.
    On one machine the same chart gives the same bytes, but for PDF, in which vl-convert names the fonts at random.
    ValueError for another suffix; FileNotFoundError if the folder is not there.
    """
    target = Path(path)
    write = check_path(target)
    content = write(chart.to_dict(), scale)
    partial = target.with_name(f".{target.name}.{secrets.token_hex(6)}")
    try:
        partial.write_bytes(content)
        partial.replace(target)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    return target


def check_path(path: str | Path) -> Callable[[Spec, float], bytes]:
    """What writes a file of that suffix; raises as `save` does. For asking before the work is done that a chart would show."""
    target = Path(path)
    write = WRITERS.get(target.suffix.lower())
    if write is None:
        raise ValueError(f"a chart cannot be saved as {target.name!r}: the suffix must be one of {', '.join(sorted(WRITERS))}")
    if not target.parent.is_dir():
        raise FileNotFoundError(f"the folder {str(target.parent)!r} for the chart {target.name!r} is not there; make it first")
    return write


def _svg(spec: Spec, scale: float) -> bytes:
    import vl_convert

    text: str = vl_convert.vegalite_to_svg(spec)
    return text.encode()


def _png(spec: Spec, scale: float) -> bytes:
    import vl_convert

    return bytes(vl_convert.vegalite_to_png(spec, scale=scale))


def _pdf(spec: Spec, scale: float) -> bytes:
    import vl_convert

    return bytes(vl_convert.vegalite_to_pdf(spec))


def _json(spec: Spec, scale: float) -> bytes:
    return (json.dumps(spec, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _html(spec: Spec, scale: float) -> bytes:
    """The picture stands in the page already, so that it is seen without script; the script puts the live chart in its place."""
    import vl_convert

    script = vl_convert.javascript_bundle(START)
    script = script.replace("</script", "<\\/script")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    # The specification's address is a name, not a place to fetch from; without it the page holds no address of its own.
    shown = {key: value for key, value in spec.items() if key != "$schema"}
    page = PAGE.format(
        policy=POLICY.format(hash=digest),
        language=escape(str(spec.get("usermeta", {}).get("language", "en"))),
        title=escape(_title(spec)),
        ground=spec.get("config", {}).get("background", "#ffffff"),
        picture=_svg(spec, scale).decode(),
        spec=_in_script(json.dumps(shown, ensure_ascii=False, sort_keys=True)),
        script=script,
    )
    return page.encode()


def _in_script(text: str) -> str:
    """Text that cannot end the script element it stands in."""
    return text.replace("<", "\\u003c")


def _title(spec: Spec) -> str:
    title = spec.get("title", "")
    text = title.get("text", "") if isinstance(title, dict) else title
    return " ".join(text) if isinstance(text, list) else str(text)


WRITERS: dict[str, Callable[[Spec, float], bytes]] = {".svg": _svg, ".png": _png, ".pdf": _pdf, ".html": _html, ".json": _json}
