"""The stages of the data's way: pure batch handlers, one file each."""
