"""Whether the process may use enough memory, where a limit is set (ulimit -v). Checked before large libraries are
loaded: Qt and OpenBLAS end the process without a sentence where they get too little."""

import sys

# Bytes, measured: the window takes 600 MB of addresses, the largest command on few digits 275 MB.
OF_WINDOW = 800_000_000
OF_COMMAND = 350_000_000


def address_space_problem(needed: int) -> str | None:
    """One sentence on why there is too little of it, or None."""
    if sys.platform == "win32":
        return None
    import resource

    allowed, _ = resource.getrlimit(resource.RLIMIT_AS)
    if allowed == resource.RLIM_INFINITY or allowed >= needed:
        return None
    return (
        f"the system allows this process {allowed / 1e6:,.0f} MB of memory, and it needs {needed / 1e6:,.0f} MB: "
        "raise the limit (ulimit -v)"
    )
