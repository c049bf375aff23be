"""How fast and how large: the same three questions asked of Penstock and of what others do.

generate makes the data; questions asks Penstock; peers asks pandas, a snapshot table and the bare scan; measure runs one of
them in a process of its own; run asks them all and prints one table. `python -m benchmarks.run --help`, from the root.
"""
