from django.urls import path

from notifications import statuspage, views

urlpatterns = [
    path("subscribe", views.subscribe, name="subscribe"),
    path("subscribe/sent", views.subscribe_sent, name="subscribe_sent"),
    path("subscribe/confirm/<str:token>/", views.confirm, name="subscription_confirm"),
    path("api/v2/subscribers.json", statuspage.subscribers, name="statuspage_subscribers"),
    path("p/<slug:slug>/api/v2/subscribers.json", statuspage.subscribers, name="page_statuspage_subscribers"),
    path("unsubscribe/<str:token>/", views.unsubscribe, name="unsubscribe"),
]
