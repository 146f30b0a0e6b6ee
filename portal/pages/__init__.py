"""Pages of which one status page has hundreds: incidents, components, months.

Their templates say what they look like, as everywhere; each is drawn once for all that share a shape, and its gaps are
filled from here (see portal.stencils). What fills them is a piece of HTML already.
"""
