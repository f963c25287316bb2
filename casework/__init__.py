"""The life cycle as pure code: state + command -> events; transition table; dispatch rules; clocks.

No clock, no random number, no store is read here: the time is `command.at`, the rest comes in as arguments.
"""
