"""Pass over the tasks of paused functions within the index of those that lack only a worker."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("engine", "0007_task_lined_up_at"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="task",
            name="task_ready",
        ),
        migrations.AddIndex(
            model_name="task",
            index=models.Index(
                condition=models.Q(
                    ("not_before__isnull", True), ("state", "waiting"), ("unblocked_at__isnull", False)
                ),
                fields=["state", "rank", "id", "name"],
                name="task_ready",
            ),
        ),
    ]
