"""An admin page whose saving is a verb: refusals stand beside the fields, and history is written as everywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Generic, TypeVar

from django.contrib import admin
from django.db import transaction
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest

from penstock.org.models import User
from penstock.org.refusals import InvalidInput, Refusal

M = TypeVar("M", bound=Model)
# Of the values that were given: who, and what they are by field.
Add = Callable[[User, dict[str, Any]], Model]
Edit = Callable[[User, Any, dict[str, Any]], Model]


class VerbForm(ModelForm):  # type: ignore[type-arg]
    """A form that asks the verb whether it would take the values."""

    verbs: ClassVar[ThroughVerbs[Any]]
    user: ClassVar[User]

    def clean(self) -> dict[str, Any]:
        """Try the change and take it back; what the verb refuses becomes the fields' errors."""
        values: dict[str, Any] = super().clean() or {}
        if self.errors:
            return values
        try:
            with transaction.atomic():
                self.verbs.carry_out(self.user, self.instance, self.given())
                transaction.set_rollback(True)
        except InvalidInput as refused:
            for name, messages in refused.faults.items():
                self.add_error(name if name in self.fields else None, messages)
        except Refusal as refused:
            self.add_error(None, refused.message)
        return values

    def given(self) -> dict[str, Any]:
        """The values that differ from what is there."""
        return {name: self.cleaned_data[name] for name in self.changed_data if name in self.cleaned_data}

    def _post_clean(self) -> None:
        """The instance is left as it is: the verb changes it."""

    def save(self, commit: bool = True) -> Any:
        """Nothing is saved here; `save_model` calls the verb."""
        self.save_m2m = lambda: None  # type: ignore[method-assign]
        return self.instance


class ThroughVerbs(admin.ModelAdmin, Generic[M]):  # type: ignore[type-arg]
    """A page for rows that are added by one verb and changed by another."""

    add_verb: Add | None = None
    edit_verb: Edit | None = None

    def carry_out(self, user: User, row: Any, values: dict[str, Any]) -> Any:
        """Call the verb that fits."""
        kind = type(self)
        if row.pk is None or row._state.adding:
            assert kind.add_verb is not None
            return kind.add_verb(user, values)
        assert kind.edit_verb is not None
        return kind.edit_verb(user, row.pk, values)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The form, knowing who asks."""
        made = super().get_form(request, obj, change, form=VerbForm, **kwargs)
        return type("AskedForm", (made,), {"verbs": self, "user": request.user})

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Call the verb."""
        saved = self.carry_out(request.user, obj, form.given())  # type: ignore[arg-type]
        obj.pk = saved.pk
        obj.refresh_from_db()

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Where there is a verb for it; the verb itself refuses those who may not."""
        return type(self).add_verb is not None

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Likewise."""
        return type(self).edit_verb is not None

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may come in may look."""
        return True

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is deleted."""
        return False

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whoever may come in may look."""
        return True


class Shown(ThroughVerbs[M]):
    """A page that only shows."""
