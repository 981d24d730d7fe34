from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "cartwheel.api"
    label = "api"

    def ready(self) -> None:
        from rest_framework import fields

        from cartwheel.api.text_field import QuickSurrogateValidator

        # Django REST framework gives it to each field for text; see there.
        fields.ProhibitSurrogateCharactersValidator = QuickSurrogateValidator  # type: ignore[attr-defined]  # imported there, not exported
