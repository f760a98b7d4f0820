"""From a graph to its gradients: paths, deltas, rewrites, formulas, values, and the proof that they agree."""
