"""The domain: what broke, for whom, and how it is made good. Imports no other package of ours."""
