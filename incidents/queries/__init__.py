"""Reads that join models; they write nothing."""
