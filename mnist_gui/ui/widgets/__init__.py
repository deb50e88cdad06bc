"""Widgets that know no run: theme, inputs, bars, histograms, galleries of digits."""
