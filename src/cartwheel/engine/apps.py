from django.apps import AppConfig
from django.db.backends.signals import connection_created


class EngineConfig(AppConfig):
    name = "cartwheel.engine"
    label = "engine"
    verbose_name = "Tasks"

    def ready(self) -> None:
        from cartwheel.engine import retention, trials  # noqa: F401, register their task functions
        from cartwheel.engine.stamps import read_fast

        connection_created.connect(read_fast, dispatch_uid="cartwheel.engine.stamps")
