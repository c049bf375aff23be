"""People who work here."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a person does; it decides what they may do (`crm.access`) and which pipeline counts as theirs (generating role)."""

    AE = "ae", _("Account executive")
    BDR = "bdr", _("Business development (outbound)")
    SDR = "sdr", _("Sales development (inbound)")
    ECS = "ecs", _("Enterprise customer sales")
    CLOUD = "cloud", _("Cloud sales")
    MANAGER = "manager", _("Sales manager")
    MARKETING = "marketing", _("Marketing")
    REVOPS = "revops", _("Revenue operations")
    READ_ONLY = "read_only", _("Read only")
    ADMIN = "admin", _("Administrator")


SELLING_ROLES = (Role.AE, Role.BDR, Role.SDR, Role.ECS, Role.CLOUD)


class UserManager(BaseUserManager["User"]):
    """Makes users for Django's own commands; the product uses `org.actions.add_user`."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A user with a hashed password, or with none that works."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """An administrator who may enter the set-up pages."""
        return self.create_user(email, password, **{"role": Role.ADMIN, "is_staff": True, "is_superuser": True} | fields)

    def get_by_natural_key(self, username: str | None) -> User:
        """The user of an e-mail address, whatever its case."""
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person with a log-in. They are never deleted, only made inactive, since history names them."""

    email = models.EmailField(_("e-mail"), max_length=254, unique=True)
    name = models.CharField(_("name"), max_length=150)
    role = models.CharField(_("role"), max_length=20, choices=Role.choices, default=Role.READ_ONLY)
    team = models.ForeignKey("org.Team", on_delete=models.PROTECT, null=True, blank=True, related_name="members")
    language = models.CharField(_("language"), max_length=5, default="en")
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True, help_text=_("The company's where empty."))
    theme = models.CharField(_("theme"), max_length=6, default="system")
    capacity = models.PositiveIntegerField(_("open accounts they can carry"), null=True, blank=True)
    weight = models.PositiveIntegerField(_("share in weighted assignment"), default=1)
    away_until = models.DateField(_("away until"), null=True, blank=True)
    started_on = models.DateField(_("started on"), null=True, blank=True)
    is_staff = models.BooleanField(_("may enter the set-up pages"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(default=timezone.now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        ordering: ClassVar[list[str]] = ["name", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(Lower("email"), name="org_user_email_once"),
        ]

    def __str__(self) -> str:
        return self.name or self.email
