"""How this installation is set up: Django's settings, read from the environment and from one TOML file.

Here live no behaviour of the product and no query; every package above may rely on what is configured here.
"""
