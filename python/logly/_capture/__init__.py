"""What the interpreter reports without a call: uncaught exceptions (`hooks`) and `warnings`."""
