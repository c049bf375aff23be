"""The page after log-in: who you are, and the way to the set-up for those who may change it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from penstock.org.company import company
from penstock.web.setup.site import site


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Who you are and which company this is."""
    return render(request, "penstock/home.html", {"company": company(), "may_set_up": site.has_permission(request)})
