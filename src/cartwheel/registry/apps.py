from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "cartwheel.registry"
    label = "registry"
    verbose_name = "Hub"

    def ready(self) -> None:
        from cartwheel.registry import tasks  # noqa: F401, registers the task functions
