"""What every record has: an owner, a revision, custom values, and a mark instead of a deletion."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Record(models.Model):
    """A row that people work on. It is written by `crm.actions` alone, which raises `revision` at every change.

    A record is never deleted: `removed_at` says since when it is gone, and it can be restored.
    """

    created_at = models.DateTimeField(_("created"))
    revision = models.PositiveIntegerField(default=1)
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True)
    custom = models.JSONField(_("custom fields"), default=dict, blank=True)

    class Meta:
        abstract = True


class OwnedRecord(Record):
    """A record that somebody answers for; access begins with its owner."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("owner")
    )

    class Meta:
        abstract = True
