"""Materials of the playbooks: written, edited and removed, and their use logged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from penstock.crm.actions import verbs
from penstock.crm.actions.activities import log_activity
from penstock.crm.actions.actor import Actor
from penstock.crm.actions.chunks import Outcome
from penstock.crm.actions.lookups import lookup
from penstock.crm.actions.verbs import Draft
from penstock.crm.actions.writing import Writer
from penstock.crm.models import Activity, Material, Stage
from penstock.crm.refusals import InvalidInput, NotFound
from penstock.org.models import Role

EDITABLE = frozenset("title kind language body link stages roles personas industries competitors owner custom".split())
_LISTS = ("stages", "roles", "personas", "industries", "competitors")
# The kind of activity that using a material is, where nothing else is said.
_USED_AS = {"email": "email", "call_script": "call"}


def create_material(actor: Actor, **fields: Any) -> Material:
    """Create a material. Needs `title`, `kind`, and a `body` or a `link`; the rest as in EDITABLE.

    stages: stage keys; roles: of users; personas, industries, competitors: names; an empty list is everywhere.
    The owner is the actor. Raises InvalidInput, NotAllowed.
    """
    return verbs.create_one(actor, "create_material", Material, EDITABLE, fields, _complete)


def edit_material(actor: Actor, material: int, changes: Mapping[str, Any], *, revision: int | None = None) -> Material:
    """Set fields of EDITABLE. Raises StaleWrite, InvalidInput, NotAllowed, NotFound."""
    return verbs.edit_one(actor, "edit_material", Material, material, changes, EDITABLE, _settle, revision=revision)


def remove_materials(actor: Actor, materials: Sequence[int]) -> Outcome:
    """Remove materials: they are offered no longer, and their uses stay. They can be restored."""
    return verbs.remove(actor, "remove_material", Material, materials)


def restore_materials(actor: Actor, materials: Sequence[int]) -> Outcome:
    """Bring removed materials back."""
    return verbs.restore(actor, "restore_material", Material, materials)


def log_material_use(
    actor: Actor, opportunity: int, material: int, *, kind: str | None = None, at: datetime | None = None, **fields: Any
) -> Activity:
    """Log that a material was used in a deal: an activity that names it, with its title as the subject.

    kind: of the activity; left out, an e-mail or a call where the material is for one, else a note. at, fields: as those of
    `activities.log_activity`. Raises InvalidInput, NotAllowed, NotFound.
    """
    used = lookup(actor.user, Material, material)
    if used is None:
        raise NotFound("material", [material])
    if used.removed_at:
        raise InvalidInput({"material": [_("%(title)s is removed; restore it first.") % {"title": used.title}]})
    said = {"subject": used.title} | fields | {"opportunity": opportunity, "material": material}
    return log_activity(actor, kind=kind or _USED_AS.get(used.kind, "note"), at=at, **said)


def _complete(writer: Writer, drafts: Sequence[Draft]) -> None:
    for draft in drafts:
        draft.values.setdefault("owner_id", writer.actor.user.pk if writer.actor.user else None)
        for name in ("title", "kind"):
            if not draft.values.get(name):
                draft.refuse(name, _("This is needed."))
        for name, message in _faults(draft.values, Material(**draft.values)):
            draft.refuse(name, message)


def _settle(_writer: Writer, material: Material, values: dict[str, Any]) -> None:
    after = Material(**{name: values.get(name, getattr(material, name)) for name in ("body", "link")})
    found = _faults(values, after)
    if "title" in values and not values["title"]:
        found.append(("title", _("This is needed.")))
    if found:
        raise InvalidInput({name: [message] for name, message in found})


def _faults(values: Mapping[str, Any], after: Material) -> list[tuple[str, str]]:
    """What is wrong with these values of a material that will be as `after`."""
    found = []
    if not after.body and not after.link:
        found.append(("body", _("Give it a text or a link.")))
    languages = [code for code, _name in settings.LANGUAGES]
    if values.get("language") and values["language"] not in languages:
        found.append(("language", _("Choose one of: %(offered)s.") % {"offered": ", ".join(languages)}))
    for name in _LISTS:
        listed = values.get(name) or []
        if not isinstance(listed, list) or not all(isinstance(one, str) and one.strip() for one in listed):
            found.append((name, _("Give a list of names.")))
        elif name in ("stages", "roles") and (unknown := sorted(set(listed) - _known(name))):
            found.append((name, _("There is no %(names)s.") % {"names": ", ".join(unknown)}))
    return found


def _known(name: str) -> set[str]:
    return set(Role.values) if name == "roles" else set(Stage.objects.values_list("key", flat=True))
