"""Benchmarks: every figure stands beside a named baseline from the same run."""
