"""What a run is made with: one frozen RunConfig, one table of all settings with limits and texts, presets, TOML."""
