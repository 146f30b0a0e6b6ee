"""A believable morning at an invented airline, made only through the actions: the demo is what the product does.

The company, the flight and its numbers are scenario SC-1: NW412 Manchester-Amsterdam, 121 bookings, 168 passengers.
Everything is drawn from one seeded generator: two demos show the same morning.
"""
