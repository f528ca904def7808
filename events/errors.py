"""What the rules of an event refuse."""

from meetinity_events.errors import DomainError, NotFound


class EventNotFound(NotFound):
    """No such event, or one that this caller may not see."""

    code = "event_not_found"
    message = "There is no such event."


class NotTheOrganiser(DomainError):
    """The caller sees the event but neither organises it nor is an admin."""

    code = "not_the_organiser"
    http_status = 403
    message = "Only the organiser or an admin may do this."


class IllegalTransition(DomainError):
    """The event's state does not allow it."""

    code = "illegal_transition"


class EventNotStarted(DomainError):
    """What has not begun cannot be complete."""

    code = "event_not_started"
    message = "The event has not started yet."


class EventHasRegistrations(DomainError):
    """People have registered at some time: the record is theirs too."""

    code = "event_has_registrations"
    message = "People have registered for this event; cancel it instead."


class StaleVersion(DomainError):
    """Somebody else changed the event since the caller read it."""

    code = "stale_version"
    http_status = 412
    message = "The event has changed since you read it."


class CapacityBelowAttendance(DomainError):
    """`max_attendees` would fall below the seats that are taken."""

    code = "capacity_below_attendance"
    message = "More people are registered than this capacity allows."


class ImageKindRefused(DomainError):
    """By its content it is none of ALLOWED_EXTENSIONS, or not what its name or type says."""

    code = "image_kind"
    http_status = 415
    message = "This is not an image of a kind that can be uploaded."


class ImageTooLarge(DomainError):
    """Too many pixels or frames, or more memory or time to decode than one image gets."""

    code = "image_too_large"
    http_status = 413
    message = "This image has too many pixels or frames."


class ImageUnreadable(DomainError):
    """It is cut off or damaged."""

    code = "image_unreadable"
    http_status = 422
    message = "This image is damaged or incomplete."


class ImageIsSomethingElse(DomainError):
    """The file is a document, an archive or a script too."""

    code = "image_is_something_else"
    http_status = 422
    message = "This file is more than an image."


class ImageDecoderBusy(DomainError):
    """Other images are being decoded, longer than a request waits."""

    code = "image_decoder_busy"
    http_status = 429
    message = "Many images are being uploaded; try again in a moment."


class ImageStorageAway(DomainError):
    """The folder or the bucket refuses a file; 424, since a 5xx would close the gateway for all calls."""

    code = "image_storage_away"
    http_status = 424
    message = "Images cannot be stored just now; try again later."
