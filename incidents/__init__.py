"""The domain: what broke, whom it touches, what they may choose, what was promised, whether it was made good.

Owns every rule about it. Knows no HTTP, no mail, no templates (``incidents.admin`` is the one edge inside), and
imports neither ``portal`` nor ``notifications``.
"""
