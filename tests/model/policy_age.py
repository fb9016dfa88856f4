# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""Reference model of policies: how long a decision may be kept.

The manual does not say which policies are looked at, so an age is not one
number here.  It is right if it is

  - 0 without a principal,
  - no longer than the token,
  - not so long that the answer changes before it is over: the decision is
    made again at the next changes, and in the last second; and, as caches do
    not know where a request comes from, for other origins,
  - and not shorter than the next change of any policy of the principal: a
    library that says 0 would otherwise pass.
"""

import policy_rule

ORIGINS = [(None, None), ("192.0.2.1", "public"), ("2001:db8::1", "private"),
           ("198.51.100.7", "direct")]
TRIED = 3                        # changes that the decision is made again at


class Age:
    """Equal to every age that is right."""

    def __init__(self, decision):
        self.decision = decision
        self.why = "not asked yet"

    def __eq__(self, age):
        self.why = self.wrong(age)
        return self.why is None

    def __repr__(self):
        return self.why or "right"

    def wrong(self, age):
        """None, or what is wrong with it."""
        d = self.decision
        if d.principal is None:
            return None if age == 0 else "0: there is no principal"
        left = d.expires - d.now
        if not 0 <= age <= left:
            return "0 to %d, the token" % left
        if not d.judged:
            return None if age == left else "%d, the token" % left
        rules = [policy["rule"] for _, policy in d.concerning()
                 if "rule" in policy]
        if age == 0:
            return None if d.asks_for_origin(rules) else "not 0"
        if age < self.shortest(rules, left):
            return "%d or more" % self.shortest(rules, left)
        return self.changed(rules, age)

    def shortest(self, rules, left):
        changes = [policy_rule.next_change(r, self.decision.now)
                   for r in rules]
        return min([left] + [t - self.decision.now for t in changes
                             if t is not None])

    def changed(self, rules, age):
        """What other answer there is before the age is over."""
        d = self.decision
        if not rules and not d.asks_for_origin(rules):
            return None
        before = d.answer(d.now, d.origin)
        now, last = d.now, d.now + age - 1
        for _ in range(TRIED):
            later = [t for t in (policy_rule.next_change(r, now)
                                 for r in rules) if t is not None]
            now = min(later, default=last + 1)
            if now > last:
                break
            if d.answer(now, d.origin) != before:
                return "%d: another answer then" % (now - d.now)
        else:
            if d.answer(last, d.origin) != before:
                return "less: another answer in its last second"
        if d.asks_for_origin(rules):
            for origin in ORIGINS:
                if d.answer(d.now, origin) != before:
                    return "0: another answer for %r" % (origin,)
        return None
