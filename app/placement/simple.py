"""The plan for a computer whose processor does everything."""

from app.engine.entities import Plan


def processor_plan(context_tokens: int, trained_context_tokens: int) -> Plan:
    """A plan with the wished context, at most the one that the model was trained on."""
    limit = trained_context_tokens or context_tokens
    return Plan(context_tokens=min(context_tokens, limit))
