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
    """In what capacity an actor gives a command. grid: a post of the ladder. reviewer: neutral, judges what others dispatch."""

    INTAKE = "intake"
    CLERK = "clerk"
    UNIT = "unit"
    GRID = "grid"
    REVIEWER = "reviewer"
    SUPERVISOR = "supervisor"
    CALLER = "caller"
    SYSTEM = "system"


class ProblemState(StrEnum):
    """Where a problem stands. Derived from its assignments, but for the three last."""

    WAITING = "waiting"
    ON_LADDER = "on_ladder"
    DISPATCHED = "dispatched"
    IN_PROGRESS = "in_progress"
    RETURN_ASKED = "return_asked"
    CONFERENCE = "conference"
    AWAITING_CALLER = "awaiting_caller"
    SUSPENDED = "suspended"
    REPLIED = "replied"
    CHECKED = "checked"
    CLOSED = "closed"
    MERGED = "merged"
    ARCHIVED = "archived"


class Part(StrEnum):
    """A unit's part in a problem: exactly one lead (主办), any number of cooperators (协办). In views only: who was whistled for,
    and who looks back after the end."""

    LEAD = "lead"
    COOPERATOR = "cooperator"
    SUMMONED = "summoned"
    CHECKER = "checker"


class AssignmentState(StrEnum):
    """Where one unit's part stands. The last four are ends."""

    DISPATCHED = "dispatched"
    SIGNED = "signed"
    CONTACTED = "contacted"
    RETURN_ASKED = "return_asked"
    REPLIED = "replied"
    CLOSED = "closed"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"


OPEN_ASSIGNMENTS = frozenset(
    {
        AssignmentState.DISPATCHED,
        AssignmentState.SIGNED,
        AssignmentState.CONTACTED,
        AssignmentState.RETURN_ASKED,
        AssignmentState.REPLIED,
    }
)


class Ending(StrEnum):
    """How a closed problem ended; a field of its own, for closed does not mean solved."""

    REPLIED = "replied"
    ANSWERED = "answered"
    NOT_ACCEPTED = "not_accepted"
    HANDED_OVER = "handed_over"
    WITHDRAWN = "withdrawn"


class ReturnReason(StrEnum):
    """Why a unit gives a problem back; the pack says which of these the city takes (city.handling has the terms)."""

    WRONG_PLACE = "wrong_place"
    NOT_TRANSFERRED = "not_transferred"
    NOT_OUR_DUTY = "not_our_duty"
    OUT_OF_POWER = "out_of_power"
    UNCLEAR_DEMAND = "unclear_demand"
    INCOMPLETE = "incomplete"
    REPEATED = "repeated"
    IN_LEGAL_PROCESS = "in_legal_process"
    UNREASONABLE = "unreasonable"


class DeclineReason(StrEnum):
    """Why a request is not accepted."""

    OUTSIDE_CITY = "outside_city"
    EMERGENCY_LINE = "emergency_line"
    LEGAL_PROCESS = "legal_process"
    CONFIDENTIAL = "confidential"
    UNLAWFUL = "unlawful"
    NO_REQUEST = "no_request"


class HandOverTo(StrEnum):
    """Who takes what is not for 12345 to handle."""

    POLICE = "police"
    FIRE = "fire"
    MEDICAL = "medical"
    LETTERS = "letters"
    INSPECTION = "inspection"


class ExclusionReason(StrEnum):
    """Why a request does not count in scores, after review."""

    UNREASONABLE = "unreasonable"
    BEYOND_DUTY = "beyond_duty"
    MALICIOUS = "malicious"
    IMPOSSIBLE = "impossible"
    OFF_LIST = "off_list"
    FORCE_MAJEURE = "force_majeure"


class Verdict(StrEnum):
    """What a neutral reviewer makes of a return."""

    REDISPATCHED = "redispatched"
    REFUSED = "refused"
    CONFERENCE = "conference"
    FALLBACK = "fallback"


class Wish(StrEnum):
    """What a unit applies for; somebody else grants it."""

    EXTENSION = "extension"
    SUSPENSION = "suspension"
    EXCLUSION = "exclusion"


class PauseReason(StrEnum):
    """Why the clock of handling stands."""

    CALLER = "caller"
    SUSPENDED = "suspended"


class Way(StrEnum):
    """How a caller was reached or answers."""

    PHONE = "phone"
    MESSAGE = "message"
    LINK = "link"
    VISIT = "visit"


class HopEnd(StrEnum):
    """How a post of the ladder left a problem."""

    SOLVED = "solved"
    UP = "up"
    EXPIRED = "expired"


class RecheckOutcome(StrEnum):
    """What a look back finds (回头看): solved for good, come back, or never done."""

    SOLVED = "solved"
    REBOUNDED = "rebounded"
    SHAM = "sham"


class SupervisionReason(StrEnum):
    """Why a problem is under supervision (督办)."""

    OVERDUE = "overdue"
    UNSATISFIED = "unsatisfied"
    URGED = "urged"
    RETURNED = "returned"
    SHAM = "sham"
    PERSON = "person"


class Clock(StrEnum):
    """The timers that an aggregate can carry. mark: the next card or level of escalation, which its `of` names."""

    SIGN = "sign"
    HANDLE = "handle"
    RESEND = "resend"
    PARK = "park"
    CLEAR = "clear"
    DISPATCH = "dispatch"
    CONTACT = "contact"
    COOPERATE = "cooperate"
    MARK = "mark"
    REVIEW = "review"
    CONFERENCE = "conference"
    SUPPLEMENT = "supplement"
    SUSPEND = "suspend"
    CHECK = "check"
    CALLBACK = "callback"
    LADDER = "ladder"
    WHISTLE_ANSWER = "whistle_answer"
    WHISTLE_ARRIVE = "whistle_arrive"
    OBJECTION = "objection"
    SUPERVISE = "supervise"
    RECHECK = "recheck"
    ARCHIVE = "archive"
    ADMISSION = "admission"


class KnowledgeState(StrEnum):
    """Where a knowledge item stands. doubted: reported wrong or past its last day, still shown with a warning."""

    DRAFT = "draft"
    VALID = "valid"
    DOUBTED = "doubted"
    WITHDRAWN = "withdrawn"


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
    RECATEGORISED = "recategorised"
    RECALLED = "recalled"
    RETURNED = "returned"
    JOINT_DECISION = "joint_decision"
    FALLBACK = "fallback"
    SUCCEEDED = "succeeded"
    FROM_LADDER = "from_ladder"
    OBJECTED = "objected"


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
    NOT_THE_LEAD = "not_the_lead"
    COOPERATOR_NOT_TOLD = "cooperator_not_told"
    NOT_CLEAR = "not_clear"
    NEGATIVE_LIST = "negative_list"
    OFF_LIST = "off_list"
    REASON_NOT_ALLOWED = "reason_not_allowed"
    RETURN_LATE = "return_late"
    RETURNS_EXHAUSTED = "returns_exhausted"
    FINAL_DISPATCH = "final_dispatch"
    NOTHING_ASKED = "nothing_asked"
    ASKED_ALREADY = "asked_already"
    OVERDUE_ALREADY = "overdue_already"
    TOO_OFTEN = "too_often"
    TOO_LONG = "too_long"
    NEEDS_SUPERVISOR = "needs_supervisor"
    REPLY_FAULTY = "reply_faulty"
    NOT_GRASSROOTS = "not_grassroots"
    NO_WHISTLE = "no_whistle"
    OWN_WHISTLE = "own_whistle"
    NO_LADDER = "no_ladder"
    NOT_YOUR_POST = "not_your_post"
    NOT_SUPERVISED = "not_supervised"
    NO_RECHECK = "no_recheck"
    CHECKS_ITSELF = "checks_itself"
    JUDGES_OWN = "judges_own"
    CALLER_GONE = "caller_gone"
    NOT_A_PART = "not_a_part"
    KNOWLEDGE_UNUSABLE = "knowledge_unusable"
    SAME_CATEGORY = "same_category"
    NOT_YOUR_KNOWLEDGE = "not_your_knowledge"
    VALID_UNTIL_PAST = "valid_until_past"
    NOTHING_PROPOSED = "nothing_proposed"
    NOT_REPORTED_WRONG = "not_reported_wrong"
    DOUBTED_ENOUGH = "doubted_enough"
    NOT_YOUR_TASK = "not_your_task"
    OTHER_DISTRICT = "other_district"
    NOTHING_CHANGED = "nothing_changed"
    LIST_CHANGED = "list_changed"
    NOT_YOUR_PROPOSAL = "not_your_proposal"


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
