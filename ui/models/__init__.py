"""The pages of models: what is here, what could be, one model, and what is on its way."""
