"""Corruptions of 8-bit images in five severities: what a model is tested on and what the page then shows.

Everything here is exact: the same image, parameters and seed give the same pixels, in the model's input and
on the screen.
"""
