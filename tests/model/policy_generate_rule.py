# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""Rules of policies for the generator, and the moments to ask about them.

Each world has a moment that something happens at: the turn of a year, the
29th of February, the hour that a summer time begins in, the first and the
last second that can be written.  Values are what walls show about then in
many offsets, so that edges are near the moment and near each other.  A
request is then asked at an edge, or a second beside it.
"""

import calendar

import policy_rule
from policy_rule import ENVIRONMENT, RESOURCE

OFFSETS = ["+00:00", "Z", "-00:00", "-05:00", "+05:30", "+14:00", "-12:00",
           "+23:59", "-23:59", "+01:00", "+02:00", "-03:30", "+00:01"]
ADDRESSES = ["192.0.2.1", "192.0.2.9", "198.51.100.7", "2001:db8::1",
             "2001:db8:0:1::", "::", "0.0.0.0"]
CLIENTS = ADDRESSES + ["2001:DB8:0:0:0:0:0:1", "::ffff:192.0.2.1",
                       "2001:db8:0:1:0:0:0:0", "::192.0.2.1", "192.0.2.01",
                       "fe80::1%eth0", "", "unknown", "192.0.2.1:80"]
ENDPOINTS = ["public", "private", "direct"]
CLOCKS = {
    "current_time": "time", "current_date": "date",
    "current_date_time": "dateTime"}
COMPARISONS = ["LessThan", "LessThanOrEquals", "GreaterThan",
               "GreaterThanOrEquals"]
PATTERNS = ["time-based-conditions:once",
            "time-based-conditions:weekly:all-day",
            "time-based-conditions:weekly:custom-hours",
            "time-based-conditions:weekly",
            "attribute-based-condition:resource:literal-and-wildcard",
            "attribute-based-condition:environment:literal-and-wildcard",
            "something-else"]
LAST = 253402300799              # 9999-12-31T23:59:59Z


def utc(*fields):
    return calendar.timegm(fields + (0,) * (6 - len(fields)))


MOMENTS = [
    1000000,
    utc(2024, 2, 29), utc(2024, 2, 29, 12), utc(2024, 3, 1), utc(2023, 3, 1),
    utc(2000, 2, 29, 23, 59, 59), utc(2100, 3, 1), utc(2400, 2, 29),
    utc(2026, 12, 31, 23, 59, 59), utc(2027, 1, 1), utc(2027, 1, 3),
    utc(2016, 12, 31, 23, 59, 59), utc(2017, 1, 1),          # a leap second
    utc(2026, 3, 29, 1), utc(2026, 10, 25, 1), utc(2026, 3, 8, 7),  # clocks
    utc(2026, 11, 1, 6), utc(2026, 4, 4, 16), utc(2026, 10, 3, 16),
    utc(2038, 1, 19, 3, 14, 7), 1 << 32, utc(1970, 1, 1), utc(1970, 1, 5),
    utc(2026, 11, 21, 9, 30), utc(2026, 11, 22), utc(2026, 11, 23),
    LAST - 3600, LAST - 86400]
STEPS = [0, 0, 0, 0, 1, -1, 1, -1, 60, -60, 3600, -3600, 5 * 3600,
         -5 * 3600, 43200, 86399, 86400, -86400, 7 * 86400, -7 * 86400, 366 * 86400]


def moment(rng):
    if rng.random() < 0.2:
        return rng.randrange(2 * 10**9)
    return rng.choice(MOMENTS)


def written_time(time):
    return "%02d:%02d:%02d" % time


def written_date(date):
    year, month, day = date
    if 0 <= year <= 9999:
        return "%04d-%02d-%02d" % date
    return "0000-01-01" if year < 0 else "9999-12-31"


def clock_value(rng, name, about):
    """A value that is about a moment."""
    offset = rng.choice(OFFSETS)
    at = policy_rule.wall(about + rng.choice(STEPS),
                          policy_rule.offset_seconds(offset))
    day, time = written_date(at.date), written_time(at.time)
    if rng.random() < 0.15:
        time = rng.choice(["00:00:00", "23:59:59"])
    if rng.random() < 0.03:
        day = rng.choice(["0000-01-01", "0000-02-29", "9999-12-31",
                          "1600-02-29", "1970-01-01"])
    return {"current_time": time, "current_date": day,
            "current_date_time": day + "T" + time}[name] + offset


def day_value(rng, about):
    offset = rng.choice(OFFSETS)
    at = policy_rule.wall(about + 86400 * rng.choice([0, 0, 0, 1, -1, 3]),
                          policy_rule.offset_seconds(offset))
    if rng.random() < 0.15:
        return at.weekday
    return str(at.weekday) + offset


def time_condition(rng, about):
    name = rng.choice(["current_time"] * 3 + ["day_of_week"] * 2 +
                      ["current_date", "current_date_time"])
    key = ENVIRONMENT + name + "}}"
    if name != "day_of_week":
        return {"key": key, "operator": CLOCKS[name] + rng.choice(COMPARISONS),
                "value": clock_value(rng, name, about)}
    if rng.random() < 0.4:
        return {"key": key, "operator": "dayOfWeekEquals",
                "value": day_value(rng, about)}
    several = [day_value(rng, about) for _ in range(rng.choice(
        [1, 2, 2, 3, 5, 10]))]
    if rng.random() < 0.2:
        several[-1] = several[0]
    return {"key": key, "operator": "dayOfWeekAnyOf", "value": several}


def bounds(rng, about):
    """Two bounds of the time of day: often a window, sometimes none."""
    pair = [{"key": ENVIRONMENT + "current_time}}",
             "operator": "time" + rng.choice(COMPARISONS[at:at + 2]),
             "value": clock_value(rng, "current_time", about)}
            for at in (0, 2)]
    if rng.random() < 0.15:      # as narrow as can be
        pair[0]["value"] = pair[1]["value"]
    rng.shuffle(pair)
    return pair


def origin_condition(rng, make):
    name, values = rng.choice([("ip_address", ADDRESSES)] * 2 + [
        ("endpoint_type", ENDPOINTS)] * 2 + [("colour", ["red"])])
    if rng.random() < 0.2:
        return {"key": ENVIRONMENT + name + "}}", "operator": "stringExists",
                "value": rng.random() < 0.6}
    one = make(rng, ENVIRONMENT + name + "}}", rng.choice(values))
    if isinstance(one["value"], list):           # only what may be written
        one["value"] = [v if set(v) & set("*?") else rng.choice(values)
                        for v in one["value"]]
    elif one["operator"] == "stringMatch" and not set(one["value"]) & \
            set("*?"):
        one["value"] = rng.choice(values)
    return one


def turned(operator):
    """The comparison the other way round."""
    if "Less" in operator:
        return operator.replace("Less", "Greater")
    return operator.replace("Greater", "Less")


def fit(rng, conditions, about, together):
    """Makes conditions on time hold at a moment; together: in an `and`."""
    bounds_ = policy_rule.window(conditions) if together else None
    if bounds_ is not None and not policy_rule.in_window(*bounds_, about):
        lower, upper = bounds_
        lower["value"], upper["value"] = upper["value"], lower["value"]
    for one in conditions:
        whose, name = policy_rule.split_key(one["key"])
        if whose != ENVIRONMENT or name not in policy_rule.FORMS or \
                bounds_ is not None and name == "current_time" or \
                policy_rule.in_time(name, one, about):
            continue
        if name != "day_of_week":
            one["operator"] = turned(one["operator"])
            continue
        offset = rng.choice(OFFSETS)
        day = str(policy_rule.wall(about, policy_rule.offset_seconds(
            offset)).weekday) + offset
        if one["operator"] == "dayOfWeekAnyOf":
            one["value"][rng.randrange(len(one["value"]))] = day
        else:
            one["value"] = day


class Maker:
    """Rules about one moment; resource: a function that makes a condition
    on the resource; make: one that makes a condition on a text."""

    def __init__(self, rng, about, make, resource):
        self.rng, self.about = rng, about
        self.make, self.resource = make, resource

    def condition(self, strict):
        chance = self.rng.random()
        if strict or chance < 0.5:
            return time_condition(self.rng, self.about)
        if chance < 0.8:
            return origin_condition(self.rng, self.make)
        one = self.resource()
        return dict(one, key=RESOURCE + one["key"] + "}}")

    def some(self, cnt, strict):
        if cnt > 1 and self.rng.random() < 0.45:
            made = bounds(self.rng, self.about)
            cnt -= 2
        else:
            made = []
        made += [self.condition(strict) for _ in range(cnt)]
        self.rng.shuffle(made)
        return made

    def rule(self, strict=False):
        """strict: of times only.  Most hold near the moment."""
        made = self.random_rule(strict)
        for operator, conditions in policy_rule.lists(made):
            if self.rng.random() < 0.8:
                fit(self.rng, conditions, self.about, operator == "and")
        return made

    def random_rule(self, strict):
        rng = self.rng
        shape = rng.random()
        if shape < 0.25:
            return self.condition(strict)
        if shape < 0.7:
            return {"operator": rng.choice(["and", "and", "or"]),
                    "conditions": self.some(rng.choice(
                        [1, 2, 2, 3, 3, 4, 10]), strict)}
        left = 10
        items = []
        for _ in range(rng.randint(1, 3)):
            cnt = rng.randint(1, 3)
            left -= cnt
            items.append({"operator": rng.choice(["and", "and", "or"]),
                          "conditions": self.some(cnt, strict)})
        if rng.random() < 0.5:
            items += self.some(rng.randint(1, min(left, 3)), strict)
            rng.shuffle(items)
        return {"operator": rng.choice(["and", "or"]), "conditions": items}

    def denial(self):
        """A rule that the loader takes in a denial: one that holds at some
        time.  On texts it has one condition at most, which some request
        can meet."""
        rng = self.rng
        for _ in range(20):
            rule = self.rule(True)
            if any(policy_rule.answer(rule, policy_rule.Setting(
                    now, {}, (None, None))) for now in edges(
                        rule, self.about) + [self.about]):
                break
        else:
            return None
        deep = any("conditions" in c for c in rule.get("conditions", []))
        cnt = len(rule.get("conditions", []))
        if not deep and cnt < 10 and rng.random() < 0.3:
            rule = {"operator": rng.choice(["and", "or"]),
                    "conditions": [rule, self.possible()]}
        return rule

    def possible(self):
        """A condition on a text that some request meets."""
        rng = self.rng
        one = self.resource()
        if rng.random() < 0.6:
            one = origin_condition(rng, self.make)
        else:
            one["key"] = RESOURCE + one["key"] + "}}"
        if "endpoint_type" in one["key"] or "region" in one["key"]:
            one.update(operator="stringExists", value=True)
        return one


def edges(rule, about):
    """Moments about which the rule changes."""
    return [t for _, moments in policy_rule.sources(rule)
            for t in moments(about) + moments(about - 86400)]


def ask_at(rng, rule, about):
    """A moment to ask at: at an edge, beside one, or just some time."""
    now = about + rng.choice(STEPS)
    if rule is not None and rng.random() < 0.7:
        near = sorted(edges(rule, about), key=lambda t: abs(t - about))
        if near:
            now = rng.choice(near[:2 + len(near) // 3]) + \
                rng.choice([0, 0, -1, -1, 1])
    return min(max(now, 0), LAST - 1)
