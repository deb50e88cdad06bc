"""The plot of a run as it trains: curves, axes, markers, overlays of other runs, crosshair."""
