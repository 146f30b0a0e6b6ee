"""Who signs in, who works at the desk, who may read what is not for everybody."""
