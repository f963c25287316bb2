"""Stages (batch in, effects out) and the runners that perform the effects."""
