"""Building, checking and trying the wheels of all platforms: `make wheels`.

Read `kinds` first (the wheels there are), then `build`, `finish` (licences and the SBOM), `crates`, `check` and `trial`
(installing and using a wheel). `smoke` is the program that a trial runs.
"""
