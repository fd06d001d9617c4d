"""Tests that need Node: the real engine, and a Node worker beside the Python one."""
