"""What a message says: facts, the reader's language, the page's brand, one rendering for all who get the same."""
