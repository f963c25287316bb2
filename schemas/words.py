"""The closed sets of words that stand in topics, fields and screens.

Each set is a StrEnum, in this one place. A new word is a change of contract: it needs a new golden file.
"""

from enum import StrEnum


class Channel(StrEnum):
    """The way a report came in."""

    HOTLINE = "hotline"
    MESSAGE = "message"
    GRID = "grid"
    CAMERA = "camera"


class Mode(StrEnum):
    """`live` is handled; `history` is born archived, for search, grouping and training."""

    LIVE = "live"
    HISTORY = "history"


class RequestType(StrEnum):
    """What the caller wants (DB12/T 1438-2025)."""

    CONSULT = "consult"
    HELP = "help"
    COMPLAINT = "complaint"
    DENOUNCE = "denounce"
    SUGGEST = "suggest"
    PRAISE = "praise"


class Urgency(StrEnum):
    """How soon somebody must act."""

    NORMAL = "normal"
    URGENT = "urgent"
    CRITICAL = "critical"


class Role(StrEnum):
    """In what capacity an actor gives a command."""

    INTAKE = "intake"
    CLERK = "clerk"
    UNIT = "unit"
    SUPERVISOR = "supervisor"
    SYSTEM = "system"


class ProblemState(StrEnum):
    """Where a problem stands. Derived from its assignments, but for the three last."""

    WAITING = "waiting"
    DISPATCHED = "dispatched"
    IN_PROGRESS = "in_progress"
    REPLIED = "replied"
    CLOSED = "closed"
    MERGED = "merged"
    ARCHIVED = "archived"


class Part(StrEnum):
    """A unit's part in a problem: exactly one lead (主办), any number of cooperators (协办)."""

    LEAD = "lead"
    COOPERATOR = "cooperator"


class AssignmentState(StrEnum):
    """Where one unit's part stands. The last three are ends."""

    DISPATCHED = "dispatched"
    SIGNED = "signed"
    REPLIED = "replied"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"


OPEN_ASSIGNMENTS = frozenset({AssignmentState.DISPATCHED, AssignmentState.SIGNED, AssignmentState.REPLIED})


class Clock(StrEnum):
    """The timers that a problem can carry."""

    SIGN = "sign"
    HANDLE = "handle"
    RESEND = "resend"
    PARK = "park"
    CLEAR = "clear"


class WatchState(StrEnum):
    """What a camera's watch has in its picture; the first of these that holds."""

    UNCONFIRMED = "unconfirmed"
    OPEN = "open"
    DWELLING = "dwelling"
    IDLE = "idle"


class TrackState(StrEnum):
    """Where one thing in a camera's picture stands."""

    DWELLING = "dwelling"
    UNCONFIRMED = "unconfirmed"
    OPEN = "open"
    DISMISSED = "dismissed"


class EvidenceKind(StrEnum):
    """What a finding rests on."""

    DUTY_ITEM = "duty_item"
    CATEGORY_NAME = "category_name"
    CATEGORY_WORD = "category_word"
    DUTY_WORD = "duty_word"
    LIKENESS = "likeness"
    DEVICE_CLASS = "device_class"
    EVENT_TYPE = "event_type"
    RISK_WORD = "risk_word"
    TYPE_WORD = "type_word"
    MODEL = "model"
    GRID_CODE = "grid_code"
    COORDINATES = "coordinates"
    CAMERA = "camera"
    PLACE_NAME = "place_name"
    TERRITORY = "territory"


class Basis(StrEnum):
    """Why a problem was dispatched, or why it waits for a person (law 2)."""

    ONE_DUTY_ITEM = "one_duty_item"
    PERSON = "person"
    NO_CATEGORY = "no_category"
    UNSURE_CATEGORY = "unsure_category"
    NO_DUTY_ITEM = "no_duty_item"
    SEVERAL_DUTY_ITEMS = "several_duty_items"
    NO_TERRITORY = "no_territory"
    GRASSROOTS_BLOCKED = "grassroots_blocked"
    HISTORY = "history"
    PROMISED = "promised"
    UNITS_DISAGREE = "units_disagree"
    DRAWN_TO_CHECK = "drawn_to_check"


class Refusal(StrEnum):
    """Why casework refused a command. The Chinese sentence for each is in casework.refusals."""

    NOT_FOUND = "not_found"
    FORBIDDEN_ROLE = "forbidden_role"
    FORBIDDEN_STATE = "forbidden_state"
    NOT_YOUR_ASSIGNMENT = "not_your_assignment"
    UNKNOWN_UNIT = "unknown_unit"
    UNKNOWN_CATEGORY = "unknown_category"
    UNKNOWN_DUTY_ITEM = "unknown_duty_item"
    GRASSROOTS_LEAD = "grassroots_lead"
    SAME_PROBLEM = "same_problem"
    NOT_A_MEMBER = "not_a_member"
    LAST_MEMBER = "last_member"
    NOT_MERGED = "not_merged"
    NOT_SPLIT = "not_split"
    TARGET_CLOSED = "target_closed"
    TARGET_BUSY = "target_busy"
    OTHER_MODE = "other_mode"
    TIMER_VOID = "timer_void"
    ERASED = "erased"
    SUPERSEDED = "superseded"
    REPLY_EMPTY = "reply_empty"
    NOT_UNCONFIRMED = "not_unconfirmed"


class DeadLetterKind(StrEnum):
    """Why a record could not be worked."""

    UNREADABLE = "unreadable"
    INVALID = "invalid"
    REFUSED_BY_STORE = "refused_by_store"
    UNKNOWN_PROBLEM = "unknown_problem"
    DEFECT = "defect"


class Topic(StrEnum):
    """Topics with fixed names; `dispatch.<unit>` and `progress.<unit>` are made by `unit_topic`."""

    INTAKE_HOTLINE = "intake.hotline"
    INTAKE_MESSAGE = "intake.message"
    INTAKE_GRID = "intake.grid"
    INTAKE_CAMERA = "intake.camera"
    COMMANDS = "commands"
    EVENTS = "events"
    OUTCOMES = "outcomes"
    DEAD_LETTER = "dead-letter"


DISPATCH_PREFIX = "dispatch."
PROGRESS_PREFIX = "progress."


def intake_topic(channel: Channel) -> Topic:
    """The topic that takes reports of this channel."""
    return Topic(f"intake.{channel.value}")


class Stage(StrEnum):
    """The stages of the data's way, in order."""

    INTAKE = "intake"
    PROGRESS = "progress"
    CASEWORK = "casework"
    PUBLISH = "publish"
