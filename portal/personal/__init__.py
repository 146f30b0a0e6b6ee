"""What belongs to one person: who may see it, and what they see."""
