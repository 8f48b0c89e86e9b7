"""LLM files: what a model on disk or on the Hub is. No state, no Qt, no engine.

"Model" means a large language model here, never a Qt item model or a data class.
"""
