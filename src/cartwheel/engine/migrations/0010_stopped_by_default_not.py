"""Let hosts of a release that does not know these columns yet make tasks and groups."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("engine", "0009_task_waited"),
    ]

    operations = [
        migrations.AlterField(
            model_name="task",
            name="is_stopped_with_children",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AlterField(
            model_name="taskgroup",
            name="is_stopped",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
