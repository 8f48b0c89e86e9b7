"""Where the parts of a model sit, and the hardware they sit on."""
