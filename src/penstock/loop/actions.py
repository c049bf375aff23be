"""What people do to rules: read, write, switch off, restore. Each edit is kept with who and when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from penstock.crm import access
from penstock.crm.actions.actor import Actor
from penstock.crm.refusals import InvalidInput, NotAllowed, NotFound, Refusal
from penstock.loop import shipped
from penstock.loop.definitions import require_sound
from penstock.loop.models import Rule, RuleEdit
from penstock.loop.models.rule import DEFINED

_EMPTY: dict[str, Any] = {name: getattr(Rule(), name) for name in DEFINED}


class StaleRule(Refusal):
    """Somebody edited the rule since it was read."""

    code = "stale"


def create_rule(actor: Actor, definition: Mapping[str, Any], *, key: str = "") -> Rule:
    """Add a rule; its key is made from its English name where none is given. Raises InvalidInput, NotAllowed."""
    with transaction.atomic():
        rule = Rule(**(_EMPTY | dict(definition) | {"key": key or _free_key(definition)})) if _known(definition) else Rule()
        _require(actor, rule)
        require_sound(_EMPTY | dict(definition))
        if Rule.objects.filter(key=rule.key).exists():
            raise InvalidInput({"key": [_("There is a rule with this key.")]})
        rule.save(force_insert=True)
        _kept(actor, rule, "create", {name: [None, value] for name, value in rule.definition().items()})
        return rule


def edit_rule(actor: Actor, rule: int, changes: Mapping[str, Any], *, revision: int | None = None) -> Rule:
    """Change fields of a rule's definition. Raises InvalidInput with every fault, StaleRule, NotAllowed, NotFound."""
    with transaction.atomic():
        found = _locked(actor, rule, revision)
        require_sound(found.definition() | dict(changes))
        return _changed(actor, found, "edit", changes)


def switch_rule(actor: Actor, rule: int, *, active: bool, revision: int | None = None) -> Rule:
    """Switch a rule on or off."""
    with transaction.atomic():
        return _changed(actor, _locked(actor, rule, revision), "on" if active else "off", {"active": active})


def restore_rule(actor: Actor, rule: int, *, revision: int | None = None) -> Rule:
    """Give a shipped rule back the definition that it came with."""
    with transaction.atomic():
        found = _locked(actor, rule, revision)
        if not found.shipped:
            raise InvalidInput({"rule": [_("This rule is your own; only those that come with Penstock can be restored.")]})
        return _changed(actor, found, "restore", found.shipped_definition)


def install_rules(actor: Actor) -> list[str]:
    """Add the shipped rules that are not there, and bring those that nobody has edited to what is shipped now.

    A rule that was edited or switched off is left as it is; what `restore_rule` brings back is renewed. Returns the keys of the
    rules that were added or changed.
    """
    touched = []
    with transaction.atomic():
        for declared in shipped.rules():
            definition = _EMPTY | {name: value for name, value in declared.items() if name != "key"}
            rule = Rule.objects.select_for_update().filter(key=declared["key"]).first()
            if rule is None:
                require_sound(definition)
                rule = Rule(key=declared["key"], shipped=True, shipped_definition=definition, **definition)
                rule.save(force_insert=True)
                _kept(actor, rule, "ship", {name: [None, value] for name, value in definition.items()})
                touched.append(rule.key)
            elif rule.shipped_definition != definition:
                untouched = rule.definition() == rule.shipped_definition
                rule.shipped_definition = definition
                rule.save(update_fields=["shipped_definition"])
                if untouched:
                    _changed(actor, rule, "ship", definition)
                touched.append(rule.key)
    return touched


def _locked(actor: Actor, pk: int, revision: int | None) -> Rule:
    rule = Rule.objects.select_for_update().filter(pk=pk).first()
    if rule is None:
        raise NotFound("rule", [pk])
    _require(actor, rule)
    if revision is not None and revision != rule.revision:
        last = rule.edits.select_related("user").last()
        by = str(last.user) if last and last.user else _("Somebody")
        text = _("%(by)s changed this rule since you read it (you have revision %(yours)s, it is at %(theirs)s).")
        raise StaleRule(text % {"by": by, "yours": revision, "theirs": rule.revision}, now=rule.definition())
    return rule


def _changed(actor: Actor, rule: Rule, verb: str, changes: Mapping[str, Any]) -> Rule:
    before = rule.definition()
    fields = {name: [before[name], value] for name, value in changes.items() if before[name] != value}
    if fields:
        for name, (_old, value) in fields.items():
            setattr(rule, name, value)
        rule.revision += 1
        rule.save()
        _kept(actor, rule, verb, fields)
    return rule


def _kept(actor: Actor, rule: Rule, verb: str, fields: Mapping[str, Any]) -> None:
    RuleEdit.objects.create(
        rule=rule,
        verb=verb,
        user=actor.user,
        at=timezone.now(),
        fields=dict(fields),
        reason=actor.reason,
        revision=rule.revision,
    )


def _require(actor: Actor, rule: Rule) -> None:
    if not access.may(actor.user, "configure", rule):
        raise NotAllowed(_("You may not change rules. Ask revenue operations, or an administrator."), verb="configure")


def _known(definition: Mapping[str, Any]) -> bool:
    return set(definition) <= set(DEFINED)


def _free_key(definition: Mapping[str, Any]) -> str:
    """A key made from the rule's name that no rule has yet."""
    stem = slugify(str((definition.get("names") or {}).get("en", "")))[:50] or "rule"
    taken = set(Rule.objects.filter(key__startswith=stem).values_list("key", flat=True))
    return next(key for n in range(1, len(taken) + 2) if (key := stem if n == 1 else f"{stem}-{n}") not in taken)
