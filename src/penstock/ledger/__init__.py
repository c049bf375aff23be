"""The mathematics of pipelines: Ibis tables in, Ibis tables out, every figure an integer.

Here live the shape of a history (`schema`), fiscal calendars and instants, money and rates, movements (each version with the one
before it), postings by the rule table, snapshots, waterfalls, stage figures, and the checks of a history's data.
Here lives no file, no clock, no Django and nothing of how a figure looks.
Neighbours: `penstock.readers` make histories out of files; `penstock.library` asks it; `penstock.charts` draw.
"""
