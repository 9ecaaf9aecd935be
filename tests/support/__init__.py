"""What tests of all kinds share: programs, terminals, other loggers, snapshots."""
