"""People are added, edited, made inactive and brought back, by those who may, and every change is kept."""

from __future__ import annotations

import pytest

from penstock.org.actions.passwords import reset_password, reset_token, set_password
from penstock.org.actions.users import add_user, deactivate_user, edit_user, reactivate_user
from penstock.org.models import OrgChange, Role, Team, User
from penstock.org.refusals import InvalidInput, NotAllowed, NotFound

GOOD = "four wells in a row"


@pytest.fixture(autouse=True)
def _rules_for_passwords(settings: pytest.FixtureRequest) -> None:
    settings.AUTH_PASSWORD_VALIDATORS = [  # type: ignore[attr-defined]
        {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
        {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    ]


def history(row: User | Team) -> list[tuple[str, dict[str, list[object]]]]:
    return [(one.operation, one.fields) for one in OrgChange.objects.filter(row=str(row.pk), what=row._meta.model_name)]


def test_an_administrator_adds_somebody_who_can_log_in(admin: User, team: Team) -> None:
    user = add_user(admin, email=" Ben@Aquifer.Example ", name="Ben Weir", role="ae", team=team, password=GOOD, reason="new hire")
    assert (user.email, user.team, user.role, user.is_staff) == ("ben@aquifer.example", team, Role.AE, False)
    assert User.objects.get(email="ben@aquifer.example").check_password(GOOD)
    change = OrgChange.objects.get(what="user")
    assert (change.operation, change.by, change.reason) == ("create", admin, "new hire")
    assert change.fields["email"] == [None, "ben@aquifer.example"]
    assert change.fields["password"] == [None, None]


def test_somebody_without_a_password_waits_for_a_link(admin: User) -> None:
    assert not add_user(admin, email="ben@aquifer.example", name="Ben", role="sdr").has_usable_password()


def test_all_faults_of_a_new_user_are_told_at_once(admin: User, rep: User) -> None:
    with pytest.raises(InvalidInput) as refused:
        add_user(
            admin, email="ADA@aquifer.example", name="", role="king", password="123", language="xx", time_zone="Mars/Base", hat=1
        )
    assert set(refused.value.faults) == {"email", "name", "role", "password", "language", "time_zone", "hat"}
    assert len(refused.value.faults["password"]) == 2
    assert User.objects.count() == 2


@pytest.mark.parametrize("role", [role for role in Role.values if role != Role.ADMIN])
def test_nobody_but_an_administrator_adds_users(company: object, role: str) -> None:
    by = User.objects.create_user("x@aquifer.example", name="X", role=role)
    with pytest.raises(NotAllowed, match="Administrator"):
        add_user(by, email="y@aquifer.example", name="Y", role=Role.ADMIN)


def test_an_administrator_who_has_left_may_nothing(admin: User) -> None:
    gone = User.objects.create_user("gone@aquifer.example", name="Gone", role=Role.ADMIN, is_active=False)
    with pytest.raises(NotAllowed):
        add_user(gone, email="y@aquifer.example", name="Y", role=Role.AE)


def test_the_system_adds_the_first_administrator(company: object) -> None:
    user = add_user(None, email="root@aquifer.example", name="Root", role=Role.ADMIN, password=GOOD)
    assert user.is_staff
    assert OrgChange.objects.get(what="user").by is None


def test_people_set_their_own_language_and_not_their_role(rep: User) -> None:
    assert edit_user(rep, rep.pk, {"language": "fr", "theme": "dark"}).language == "fr"
    assert history(rep) == [("change", {"language": ["en", "fr"], "theme": ["system", "dark"]})]
    with pytest.raises(NotAllowed):
        edit_user(rep, rep.pk, {"role": Role.ADMIN})


def test_nobody_edits_another_but_an_administrator(admin: User, ops: User, rep: User) -> None:
    with pytest.raises(NotAllowed):
        edit_user(ops, rep.pk, {"language": "fr"})
    assert edit_user(admin, rep.pk, {"role": Role.MANAGER}).role == Role.MANAGER
    with pytest.raises(NotFound):
        edit_user(admin, 999_999, {"name": "Nobody"})


def test_what_does_not_differ_is_no_change(admin: User, rep: User) -> None:
    edit_user(admin, rep.pk, {"name": rep.name, "team": rep.team})
    assert history(rep) == []


def test_the_last_administrator_stays_one(admin: User) -> None:
    with pytest.raises(InvalidInput, match="last administrator"):
        edit_user(admin, admin.pk, {"role": Role.AE})
    with pytest.raises(InvalidInput, match="last administrator"):
        deactivate_user(None, admin.pk, open_work={})


def test_nobody_leaves_open_work_or_a_team_behind(admin: User, rep: User, ops: User, team: Team) -> None:
    team.manager = rep
    team.save()
    with pytest.raises(InvalidInput) as refused:
        deactivate_user(admin, rep.pk, open_work={"opportunity": 2, "task": 0})
    assert refused.value.faults == {
        "hand_over_to": [
            "Ada Rill still has open work: 2 opportunity. Say who takes it over.",
            "Ada Rill manages Sales EMEA. Say who takes over.",
        ]
    }
    gone = deactivate_user(admin, rep.pk, open_work={"opportunity": 0}, hand_over_to=ops.pk, reason="moved on")
    team.refresh_from_db()
    assert (gone.is_active, team.manager) == (False, ops)
    assert history(team) == [("change", {"manager_id": [rep.pk, ops.pk]})]
    assert not reset_token(rep.email)
    assert reactivate_user(admin, rep.pk).is_active


def test_nobody_makes_themselves_inactive(admin: User) -> None:
    User.objects.create_user("root2@aquifer.example", name="Root 2", role=Role.ADMIN)
    with pytest.raises(NotAllowed, match="yourself"):
        deactivate_user(admin, admin.pk, open_work={})


def test_people_change_their_password_knowing_the_one_they_have(rep: User) -> None:
    set_password(None, rep.pk, GOOD)
    with pytest.raises(InvalidInput) as refused:
        set_password(rep, rep.pk, "short", current="wrong")
    assert set(refused.value.faults) == {"current", "password"}
    set_password(rep, rep.pk, "another long one", current=GOOD)
    rep.refresh_from_db()
    assert rep.check_password("another long one")
    assert not rep.check_password(GOOD)
    assert history(rep) == [("change", {"password": [None, None]})] * 2


def test_an_administrator_sets_a_password_and_a_colleague_does_not(admin: User, ops: User, rep: User) -> None:
    set_password(admin, rep.pk, GOOD)
    with pytest.raises(NotAllowed):
        set_password(ops, rep.pk, GOOD)


def test_a_link_sets_a_password_once(admin: User, rep: User) -> None:
    asked = reset_token(" ADA@aquifer.example")
    assert asked is not None
    user, token = asked
    reset_password(user.pk, token, GOOD)
    for stranger, key in ((rep, token), (admin, token), (rep, "nonsense")):
        with pytest.raises(InvalidInput, match="used up"):
            reset_password(stranger.pk, key, "yet another one")
    assert reset_token("nobody@aquifer.example") is None
