"""A web application for the tests of killed servers: bulk actions behind addresses, each call under the key that it is given."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

settings.ROOT_URLCONF = "tests.crash.doors"
application = get_wsgi_application()

# ruff: noqa: E402 - models can be imported once the application is there
from penstock.crm.actions.actor import Actor, system
from penstock.crm.actions.merging import merge_accounts
from penstock.crm.actions.opportunities import create_opportunities
from penstock.crm.actions.stages import change_stages
from penstock.crm.refusals import AlreadyDone


def door(act: Callable[[Actor, dict[str, Any]], object]) -> Callable[[HttpRequest], HttpResponse]:
    def view(request: HttpRequest) -> HttpResponse:
        given = json.loads(request.body)
        with suppress(AlreadyDone):
            act(system("api").but(key=given["key"]), given)
        return JsonResponse({"done": given["key"]})

    return csrf_exempt(view)


urlpatterns = [
    path("ready", lambda request: HttpResponse("ready")),
    path("move", door(lambda actor, given: change_stages(actor, given["deals"], given["stage"]))),
    path("create", door(lambda actor, given: create_opportunities(actor, given["rows"]))),
    path("merge", door(lambda actor, given: merge_accounts(actor, given["survivor"], given["others"]))),
]
