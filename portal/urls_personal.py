"""Where people meet what is theirs: signed in, or by the signed link of a message."""

from django.urls import path

from portal.views import account, checkins, choices, dev_inbox, impacts, languages, summary
from portal.views.impact_access import by_account, by_link

urlpatterns = [
    path("language/", languages.choose_language, name="language"),
    path("my/", account.my, name="my"),
    path("my/summary.json", summary.summary, name="my_summary"),
    path("my/impacts/<slug:public_id>/", by_account(impacts.show), name="impact"),
    path("my/impacts/<slug:public_id>/choose/", by_account(choices.choose), name="impact_choose"),
    path("my/impacts/<slug:public_id>/cancel/", by_account(choices.cancel), name="impact_cancel"),
    path("my/impacts/<slug:public_id>/check-in/", by_account(checkins.check_in), name="impact_check_in"),
    path("my/impacts/<slug:public_id>/rate/", by_account(checkins.rating), name="impact_rate"),
    path("i/<str:token>/", by_link(impacts.show), name="link_impact"),
    path("i/<str:token>/language/", languages.choose_language_by_link, name="link_language"),
    path("i/<str:token>/choose/", by_link(choices.choose), name="link_choose"),
    path("i/<str:token>/cancel/", by_link(choices.cancel), name="link_cancel"),
    path("i/<str:token>/check-in/", by_link(checkins.check_in), name="link_check_in"),
    path("i/<str:token>/rate/", by_link(checkins.rating), name="link_rate"),
    path("dev/inbox/", dev_inbox.inbox, name="dev_inbox"),
    path("dev/inbox/<str:name>", dev_inbox.message, name="dev_message"),
    path("dev/inbox/<str:name>/html", dev_inbox.html, name="dev_message_html"),
]
