"""The bug lab: classic mistakes, put into a run on purpose, and the networks that people asked about."""
