"""The tables of the organisation, step by step."""
