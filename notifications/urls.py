from django.urls import path, re_path

from notifications.views import statuspage, subscriptions

BY_LINK = r"s/(?P<secret>[0-9a-f]{32})/"

urlpatterns = [
    path("subscribe", subscriptions.subscribe, name="subscribe"),
    path("subscribe/sent", subscriptions.subscribe_sent, name="subscribe_sent"),
    re_path(rf"^{BY_LINK}subscribe$", subscriptions.subscribe, name="secret_subscribe"),
    re_path(rf"^{BY_LINK}subscribe/sent$", subscriptions.subscribe_sent, name="secret_sent"),
    re_path(rf"^{BY_LINK}api/v2/subscribers\.json$", statuspage.subscribers),
    path("subscribe/confirm/<str:token>/", subscriptions.confirm, name="subscription_confirm"),
    path("api/v2/subscribers.json", statuspage.subscribers, name="statuspage_subscribers"),
    path("p/<slug:slug>/api/v2/subscribers.json", statuspage.subscribers, name="page_statuspage_subscribers"),
    path("unsubscribe/<str:token>/", subscriptions.unsubscribe, name="unsubscribe"),
]
