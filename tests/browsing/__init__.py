"""What a browser shows, judged by outsiders: every page, in light and dark, at three widths."""
