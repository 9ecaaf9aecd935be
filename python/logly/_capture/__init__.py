"""Reports of the interpreter as records: uncaught exceptions (`hooks`) and `warnings`."""
