"""Windows: programs that log under wine. `make wine` fetches wine, and runs them."""
