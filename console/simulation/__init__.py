"""A simulated city: reports of all channels with the truth beside them. Written apart from all that models are tuned on."""
