"""Let the list of tasks be read by when they were unblocked, and be asked for that, from one index of all."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("engine", "0010_stopped_by_default_not"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="task",
            index=models.Index(fields=["unblocked_at", "created_at"], name="task_unblocked"),
        ),
        migrations.RemoveIndex(
            model_name="task",
            name="task_waited",
        ),
    ]
