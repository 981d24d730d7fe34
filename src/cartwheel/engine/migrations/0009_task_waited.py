"""Let the list of tasks be read from indexes also by when they were unblocked."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("engine", "0008_ready_by_name"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="task",
            index=models.Index(
                condition=models.Q(
                    ("unblocked_at__gt", models.F("created_at")),
                    ("unblocked_at__lt", models.F("created_at")),
                    ("unblocked_at__isnull", True),
                    _connector="OR",
                ),
                fields=["unblocked_at", "id"],
                name="task_waited",
            ),
        ),
    ]
