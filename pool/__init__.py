"""The store and search port, one file per back end; contacts and keys; rebuild, reconcile, audit, backup."""
