"""Words that people wrote or read: Markdown, plain text, dates, what is not in the reader's language."""
