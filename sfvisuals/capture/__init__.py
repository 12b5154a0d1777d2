"""Run a torch classifier over named studies and write an experiment folder (extra `torch`)."""
