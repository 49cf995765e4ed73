# SPDX-License-Identifier: Apache-2.0
"""The usual way two users come to see each other, as steps for tests about something else."""


def xmpp_watches_sip(probe, agent):
    """`probe` invites the SIP user (who is approved by the presence server): subscribed."""
    probe.do("subscribe", to=agent.jid)
    return probe.wait("presence", type="subscribed",
                      **{"from": lambda value: value == agent.jid})


def sip_watches_xmpp(agent, probe):
    """`agent` invites the XMPP user, who accepts. Returns the subscription, active."""
    subscription, response = agent.subscribe(probe.jid)
    if response.code != 200:
        raise AssertionError(f"SUBSCRIBE {probe.jid}: {response.start}")
    subscription.wait_notify("pending")
    probe.wait("presence", type="subscribe", **{"from": agent.jid})
    probe.do("subscribed", to=agent.jid)
    subscription.wait_notify("active")
    return subscription


def arrives(world, probe, agent, text):
    """Whether `probe`'s message reaches the SIP user; else it is refused."""
    mid = probe.message(agent.jid, text)
    outcome = []

    def check():
        if any(r.method == "MESSAGE" and r.text() == text for r in agent.requests):
            outcome.append(True)
        elif probe.since(0, "message", id=mid, type="error"):
            outcome.append(False)
        return bool(outcome)
    world.wait(check, f"{text}: neither delivered nor refused")
    return outcome[0]
