"""The commands of an installation: set up, serve, work, prove, keep safe. They need Django; the file commands do not.

Each module has a NAME and a `command`; `lazy` loads it when it is called, so that help is there at once.
"""
