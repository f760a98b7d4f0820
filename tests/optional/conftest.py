"""The scripts of the peers are run by other Pythons, not collected."""

collect_ignore = ["peer_torch.py", "peer_jax.py"]
