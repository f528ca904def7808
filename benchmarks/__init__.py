"""One runnable script for each figure of `docs/performance.md`; each starts what it needs and stops it again."""
