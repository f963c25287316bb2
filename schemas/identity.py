"""How things get their names. All ids are functions of what they name, so a retry keeps them."""

import hashlib


def _digest(*parts: str) -> bytes:
    """Of the parts with their lengths, so that no two lists of parts read the same."""
    text = ",".join([str(len(part)) for part in parts]) + "|" + "".join(parts)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=20).digest()


def report_id(source: str, source_id: str) -> str:
    """Report id = hash(source, source id); 32 hexadecimal digits behind `r`."""
    return "r" + _digest("report", source, source_id).hex()[:32]


def problem_id(slot: int, founding_command: str) -> str:
    """Problem id = slot + founding command, e.g. `p003-9f…` (24 hexadecimal digits)."""
    return f"p{slot:03d}-" + _digest("problem", founding_command).hex()[:24]


def watch_id(slot: int, device: str, alarm_class: str) -> str:
    """Watch id = slot + camera and class of alarms, e.g. `w003-9f…` (24 hexadecimal digits)."""
    return f"w{slot:03d}-" + _digest("watch", device, alarm_class).hex()[:24]


def aggregate_id(kind: str, slot: int, *parts: str) -> str:
    """Id of an aggregate that is neither problem nor watch: kind (a letter of KINDS) + slot + what names it (24 hexadecimal
    digits)."""
    return f"{kind}{slot:03d}-" + _digest(kind, *parts).hex()[:24]


KINDS = "pwktfd"
"""First letters of aggregate ids: problem, watch, knowledge item, admission task, finding of passing the buck, proposal to change
the duty list."""


def slot_of(aggregate: str) -> int:
    """The slot in which an aggregate lives; raises ValueError when this is no aggregate's id."""
    head, dash, tail = aggregate.partition("-")
    number = head[1:]
    if not dash or len(tail) != 24 or len(head) != 4 or head[0] not in KINDS or not (number.isascii() and number.isdigit()):
        raise ValueError(f"不是问题编号:{aggregate[:40]}")
    return int(number)


def slot_of_problem(problem: str) -> int:
    """The slot in which a problem lives; raises ValueError when this is no problem id."""
    if not problem.startswith("p"):
        raise ValueError(f"不是问题编号:{problem[:40]}")
    return slot_of(problem)


def command_id(*parts: str) -> str:
    """A derived command id: from the event or record that asks, and what for."""
    return "c" + _digest("command", *parts).hex()[:32]


def order_number(day: str, slot: int, founding_command: str, attempt: int) -> str:
    """A readable order number, e.g. `260501-003-4820193-6`: day yymmdd, slot, seven digits, check digit.

    attempt: 0 for the first try; the number is a claim, and where that loses the next attempt is made.
    """
    number = int.from_bytes(_digest("order", founding_command, str(attempt))[:8], "big") % 10_000_000
    body = f"{day}{slot:03d}{number:07d}"
    return f"{day}-{slot:03d}-{number:07d}-{check_digit(body)}"


def check_digit(digits: str) -> int:
    """ISO 7064 MOD 11,10 over decimal digits: finds every single wrong digit and nearly every swap."""
    product = 10
    for digit in digits:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return (11 - product) % 10


def is_order_number(text: str) -> bool:
    """True when `text` has the form of an order number and its check digit holds."""
    digits = text.replace("-", "")
    return len(digits) == 17 and digits.isascii() and digits.isdigit() and check_digit(digits[:-1]) == int(digits[-1])
