"""Contracts between rooms, processes and cities: reports, commands, events, documents, outcomes.

Everything here is data with rules of form. No contract knows a store, a stream or a city.
"""
