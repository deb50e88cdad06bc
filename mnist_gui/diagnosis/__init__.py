"""Why a network does not learn: measurements in, findings out. Pure functions, except for making the run."""
