"""The staff desk as a site of its own, and its pages that need all packages."""
