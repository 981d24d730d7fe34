from django.apps import AppConfig
from django.db.backends.signals import connection_created


class EngineConfig(AppConfig):
    name = "cartwheel.engine"
    label = "engine"
    verbose_name = "Tasks"

    def ready(self) -> None:
        from cartwheel.engine import stamps, trials  # noqa: F401, trials registers its task functions

        connection_created.connect(stamps.read_fast, dispatch_uid="cartwheel.engine.stamps")
