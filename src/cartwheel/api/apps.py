from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "cartwheel.api"
    label = "api"
