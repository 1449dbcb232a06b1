"""Starts servers side by side on one machine, drives them alike, and prints ratios. See README.md.

It belongs to no wheel, and no part of the package may know it.
"""
