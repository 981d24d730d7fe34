from django.apps import AppConfig


class EngineConfig(AppConfig):
    name = "cartwheel.engine"
    label = "engine"
    verbose_name = "Tasks"

    def ready(self) -> None:
        from cartwheel.engine import trials  # noqa: F401, registers its task functions
