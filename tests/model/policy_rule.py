# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""Reference model of policies: the rule, pdp-policies(5), "Conditions".

A condition on time is judged by looking at a calendar and a clock on the wall
of a place with the value's offset, which is how the manual tells it: no
stretches, no seconds of a week.  The calendar is Python's, in the 400 years
that the calendar repeats, so the year 0 is one like any other.

answer() judges a rule: True, False or None (open).  moments() lists what in
it changes with time, for the age that a decision may have.
"""

import functools
import re
from collections import namedtuple
from datetime import date

from policy_conditions import condition, read_address

DAY = 86400
ERA = 146097                     # days of 400 years, a whole number of weeks
EPOCH = date(1970, 1, 1).toordinal()
TIME = r"([01]\d|2[0-3]):([0-5]\d):([0-5]\d)"
DATE = r"(\d\d\d\d)-(\d\d)-(\d\d)"
OFFSET = r"(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)"
FORMS = {"current_time": re.compile(TIME + OFFSET, re.ASCII),
         "current_date": re.compile(DATE + OFFSET, re.ASCII),
         "current_date_time": re.compile(DATE + "T" + TIME + OFFSET,
                                         re.ASCII),
         "day_of_week": re.compile("([1-7])" + OFFSET, re.ASCII)}
FAMILIES = {"current_time": "time", "current_date": "date",
            "current_date_time": "dateTime"}
ENVIRONMENT = "{{environment.attributes."
RESOURCE = "{{resource.attributes."
ENDPOINTS = ("public", "private", "direct")

# What a clock and a calendar show: (year, month, day), day of the week from 1,
# (hour, minute, second).
Wall = namedtuple("Wall", "date weekday time")


# --- values ----------------------------------------------------------------


def offset_seconds(text):
    if text == "Z":
        return 0
    seconds = int(text[1:3]) * 3600 + int(text[4:6]) * 60
    return -seconds if text[0] == "-" else seconds


@functools.lru_cache(65536)
def read_value(name, text):
    """(what a wall in its place shows, offset) of a value; None: it is none.
    A day may be a number, and is that day in UTC then."""
    if name == "day_of_week" and isinstance(text, int) and \
            not isinstance(text, bool):
        return (text, 0) if 1 <= text <= 7 else None
    found = FORMS[name].fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return None
    numbers = [int(n) for n in found.groups()[:-1]]
    east = offset_seconds(found.groups()[-1])
    if name == "day_of_week":
        return numbers[0], east
    if name == "current_time":
        return tuple(numbers), east
    try:
        date(2000 + numbers[0] % 400, numbers[1], numbers[2])
    except ValueError:
        return None
    if name == "current_date":
        return tuple(numbers), east
    return (tuple(numbers[:3]), tuple(numbers[3:])), east


@functools.lru_cache(65536)
def wall(now, east):
    days, seconds = divmod(now + east, DAY)
    eras, days = divmod(days, ERA)
    day = date.fromordinal(EPOCH + days)
    return Wall((day.year + 400 * eras, day.month, day.day), day.isoweekday(),
                (seconds // 3600, seconds // 60 % 60, seconds % 60))


def instant(value, east):
    """The seconds since 1970 of a date and time."""
    (year, month, day), (hour, minute, second) = value
    days = date(2000 + year % 400, month, day).toordinal() - EPOCH
    days += (year // 400 - 5) * ERA
    return days * DAY + hour * 3600 + minute * 60 + second - east


def address(text):
    """The client's address as conditions see it; None: it is none."""
    found = read_address(text)
    return None if found is None else str(found)


# --- conditions ------------------------------------------------------------


@functools.lru_cache(1024)
def split_key(key):
    """(whose attribute, its name); None: not a key."""
    for whose in (ENVIRONMENT, RESOURCE):
        if key.startswith(whose) and key.endswith("}}") and \
                len(key) > len(whose) + 2:
            return whose, key[len(whose):-2]
    return None


def compared(operator, seen, wanted):
    if operator.endswith("LessThan"):
        return seen < wanted
    if operator.endswith("LessThanOrEquals"):
        return seen <= wanted
    if operator.endswith("GreaterThan"):
        return seen > wanted
    assert operator.endswith("GreaterThanOrEquals"), operator
    return seen >= wanted


def in_time(name, one, now):
    """Whether a condition on time that stands for itself holds."""
    if name == "day_of_week":
        values = one["value"] if one["operator"] == "dayOfWeekAnyOf" else \
            [one["value"]]
        return any(wall(now, east).weekday == day for day, east in
                   (read_value(name, value) for value in values))
    wanted, east = read_value(name, one["value"])
    seen = wall(now, east)
    if name == "current_date_time":
        return compared(one["operator"], (seen.date, seen.time), wanted)
    return compared(one["operator"],
                    seen.time if name == "current_time" else seen.date, wanted)


def second_of_day(value):
    """Where in a day of UTC a time of day is."""
    (hour, minute, second), east = read_value("current_time", value)
    return (hour * 3600 + minute * 60 + second - east) % DAY


def in_window(lower, upper, now):
    """From the lower bound to the next upper one."""
    begin, end = second_of_day(lower["value"]), second_of_day(upper["value"])
    since, length = (now - begin) % DAY, (end - begin) % DAY
    return compared(lower["operator"], since, 0) and \
        compared(upper["operator"], since, length)


def window(conditions):
    """The two bounds that make a window in an `and`, or None."""
    bounds = [c for c in conditions
              if c.get("key") == ENVIRONMENT + "current_time}}"]
    lower = [c for c in bounds if "Greater" in c["operator"]]
    upper = [c for c in bounds if "Less" in c["operator"]]
    return (lower[0], upper[0]) if len(lower) == len(upper) == 1 else None


class Setting:
    """What one rule is judged with.  wish: what the request does not give of
    the environment is as wanted."""

    def __init__(self, now, view, origin, wish=False):
        self.now, self.view, self.wish = now, view, wish
        client, endpoint = origin
        client = address(client)
        self.environment = {
            "ip_address": client and [client],
            "endpoint_type": [endpoint] if endpoint in ENDPOINTS else None}

    def one(self, condition_):
        whose, name = split_key(condition_["key"])
        if whose == RESOURCE:
            return condition(condition_, self.view.get(name))
        if name in FORMS:
            return in_time(name, condition_, self.now)
        found = condition(condition_, self.environment.get(name))
        return True if found is None and self.wish else found


def joined(operator, answers):
    """`and` and `or` of three values."""
    first = operator == "or"
    if first in answers:
        return first
    return None if None in answers else not first


def answer(rule, setting):
    if "conditions" not in rule:
        return setting.one(rule)
    bounds = window(rule["conditions"]) if rule["operator"] == "and" else None
    answers = [answer(c, setting) for c in rule["conditions"]
               if bounds is None or (c is not bounds[0] and
                                     c is not bounds[1])]
    if bounds is not None:
        answers.append(in_window(*bounds, setting.now))
    return joined(rule["operator"], answers)


# --- when it changes -------------------------------------------------------


def lists(rule):
    """(operator, conditions) of both levels."""
    if "conditions" not in rule:
        yield "and", [rule]
        return
    yield rule["operator"], [c for c in rule["conditions"]
                             if "conditions" not in c]
    for part in rule["conditions"]:
        if "conditions" in part:
            yield part["operator"], part["conditions"]


def sources(rule):
    """What changes with time: a function of now, and where to look for a
    change after now (a function that gives moments)."""
    for operator, conditions in lists(rule):
        bounds = window(conditions) if operator == "and" else None
        if bounds is not None:
            yield functools.partial(in_window, *bounds), functools.partial(
                daily, [second_of_day(c["value"]) for c in bounds])
        for one in conditions:
            whose, name = split_key(one["key"])
            if whose != ENVIRONMENT or name not in FORMS or \
                    bounds is not None and name == "current_time":
                continue
            yield functools.partial(in_time, name, one), functools.partial(
                candidates, name, one)


def daily(seconds, now):
    """These seconds of the day and those after them, for two days."""
    midnight = now - now % DAY
    return [midnight + day * DAY + second + step for second in seconds
            for day in (0, 1) for step in (0, 1)]


def candidates(name, one, now):
    if name == "day_of_week":
        values = one["value"] if isinstance(one["value"], list) else \
            [one["value"]]
        easts = {read_value(name, value)[1] for value in values}
        return [now - (now + east) % DAY + day * DAY
                for east in easts for day in range(1, 9)]
    value, east = read_value(name, one["value"])
    if name == "current_time":
        return daily([second_of_day(one["value"]), -east % DAY], now)
    if name == "current_date":
        first = instant((value, (0, 0, 0)), east)
        return [first, first + DAY]
    first = instant(value, east)
    return [first, first + 1]


def next_change(rule, now):
    """The first moment after now at which a part of the rule is something
    else than it is now; None: never."""
    found = []
    for holds, moments in sources(rule):
        state = holds(now)
        found += [t for t in moments(now) if t > now and
                  (not found or t < min(found)) and holds(t) != state]
    return min(found, default=None)


def asks_for_origin(rule):
    """Whether it names a part of the environment that is not the time."""
    return any(split_key(c["key"])[0] == ENVIRONMENT and
               split_key(c["key"])[1] not in FORMS
               for _, conditions in lists(rule) for c in conditions)
