from django.apps import AppConfig
from django.db.models.signals import post_migrate


class RegistryConfig(AppConfig):
    name = "cartwheel.registry"
    label = "registry"
    verbose_name = "Hub"

    def ready(self) -> None:
        from cartwheel.registry import tasks  # noqa: F401, registers the task functions
        from cartwheel.registry.search_words import install_after_migrations

        post_migrate.connect(install_after_migrations, sender=self)
