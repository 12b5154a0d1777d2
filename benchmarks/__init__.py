"""What is timed, printed as tables; docs/performance.md says which figure comes from where."""
