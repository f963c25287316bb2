"""One suite per port of the pool, for every back end. A back end's tests inherit the suite and give its fixture."""
