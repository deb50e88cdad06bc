"""Many runs: a pool of processes, sweeps over settings, the search for what makes a network learn."""
