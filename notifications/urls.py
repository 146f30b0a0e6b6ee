from django.urls import path

from notifications import views

urlpatterns = [
    path("subscribe", views.subscribe, name="subscribe"),
    path("subscribe/sent", views.subscribe_sent, name="subscribe_sent"),
    path("subscribe/confirm/<str:token>/", views.confirm, name="subscription_confirm"),
    path("unsubscribe/<str:token>/", views.unsubscribe, name="unsubscribe"),
]
