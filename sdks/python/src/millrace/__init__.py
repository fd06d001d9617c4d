"""Serve functions to a Millrace engine."""
