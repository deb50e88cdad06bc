"""Python's search for objects that only refer to each other, kept out of Qt's calls."""

import gc

from pyqtgraph.util.garbage_collector import GarbageCollector

# How often it is looked whether a search is due.
SECONDS = 0.25


def collect_between_events() -> GarbageCollector:
    """From now on search from a timer of this thread only, as long as what is returned is kept and not `stop`ped.

    By itself Python searches in the middle of any call, in any thread. If that is one of Qt's, such as a disconnection
    that holds a lock or a walk through all widgets, and a widget is found and deleted, the program waits for itself for
    ever, or ends (both were seen). What is there already, above all the window, is never searched again: that would
    take longer than a frame.
    """
    gc.collect()
    gc.freeze()
    return GarbageCollector(SECONDS)


def stop(collector: GarbageCollector) -> None:
    """Leave it to Python again."""
    collector.timer.stop()
    gc.enable()
