"""The scripts of the peers are run by other Pythons, not collected."""

collect_ignore = ["peer_jax.py", "peer_torch.py", "peer_torch_training.py"]
