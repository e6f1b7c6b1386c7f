"""Show a plan that waits to a person in the Prefect UI, and keep what they decide; the only flow that ever suspends."""

from prefect import flow

from tasks.review import Decision, ask, keep, plan_to_review


@flow(name="review-plan", flow_run_name="review of {plan}")
async def review_plan(plan: str) -> Decision:
    """Show one plan, suspend until somebody answers the form, and approve or reject exactly what was shown.

    Args:
        plan: Id of the plan, as its artifact and the command "fillrate plans" show it, such as P-0123456789-1.
    """
    shown = await plan_to_review(plan)
    answer = await ask(shown)
    return await keep(shown, answer)
