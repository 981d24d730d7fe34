"""Views of the list of tasks that are kept under a name, and forgotten."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext

from cartwheel.web.models import SavedView
from cartwheel.web.notices import tell
from cartwheel.web.saved import save_view
from cartwheel.web.search import Search
from cartwheel.web.views.pages import Page


class SavedViews(Page):
    """POST keeps the search in `query` under `name`."""

    def post(self, request: HttpRequest) -> HttpResponse:
        search = Search.read(QueryDict(request.POST.get("query", "").removeprefix("?")))
        view = save_view(search, request.POST.get("name", ""), by=self.user)
        tell(request, gettext("The view %s is saved.") % view)
        return self.done(f"{reverse('tasks')}{view.query}")


class SavedViewDeletion(Page):
    def post(self, request: HttpRequest, view_id: int) -> HttpResponse:
        view = SavedView.objects.filter(pk=view_id, user=self.user).first()
        if view is None:
            raise Http404
        view.delete()
        tell(request, gettext("The view %s is deleted.") % view)
        return self.done(f"{reverse('tasks')}{view.query}")
