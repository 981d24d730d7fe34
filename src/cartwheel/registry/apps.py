from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_migrate


class RegistryConfig(AppConfig):
    name = "cartwheel.registry"
    label = "registry"
    verbose_name = "Hub"

    def ready(self) -> None:
        from cartwheel.registry import tasks  # noqa: F401, registers the task functions
        from cartwheel.registry.credentials import forget_expired_sessions
        from cartwheel.registry.search_words import install_after_migrations

        user_logged_in.connect(forget_expired_sessions, dispatch_uid="expired sessions")
        post_migrate.connect(install_after_migrations, sender=self)
