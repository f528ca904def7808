"""Who may enter at all; who may touch which event is a rule of the services."""

from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from meetinity_events.api.principal import Principal
from meetinity_events.api.removed_users import is_removed


class IsKnownUser(BasePermission):
    """A valid token (else 401) of a user who has not been removed (else 403). OPTIONS asks for nothing."""

    def has_permission(self, request: Request, view: object) -> bool:
        """DRF turns False without a caller into 401; `view` is no APIView, whose module imports this one."""
        if request.method == "OPTIONS":
            return True
        principal: object = request.user
        if not isinstance(principal, Principal):
            return False
        if is_removed(principal.id):
            raise PermissionDenied("This account has been removed.")
        return True


class IsAdminOrReads(IsKnownUser):
    """Known users read, admins write (else 403)."""

    def has_permission(self, request: Request, view: object) -> bool:
        """As above, and the role for every method that is not safe."""
        if not super().has_permission(request, view):
            return False
        principal: object = request.user
        return request.method in SAFE_METHODS or (isinstance(principal, Principal) and principal.is_admin)


class IsAdmin(IsKnownUser):
    """Admins alone (else 403)."""

    def has_permission(self, request: Request, view: object) -> bool:
        """A known user with the role."""
        if not super().has_permission(request, view):
            return False
        principal: object = request.user
        return request.method == "OPTIONS" or (isinstance(principal, Principal) and principal.is_admin)


class IsAdminOrService(IsKnownUser):
    """Admins and other services of the platform, by the role `service` (else 403)."""

    def has_permission(self, request: Request, view: object) -> bool:
        """A known user with one of the roles."""
        if not super().has_permission(request, view):
            return False
        principal: object = request.user
        return request.method == "OPTIONS" or (
            isinstance(principal, Principal) and (principal.is_admin or principal.is_service)
        )
