from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "cartwheel.web"
    label = "web"
