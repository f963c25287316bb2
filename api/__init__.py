"""HTTP, Open311 and webhooks: how other programs that speak no Kafka reach the pool.

Rooms to the left know no web framework; what is served here reads through the ports of `pool` within a Scope.
"""
