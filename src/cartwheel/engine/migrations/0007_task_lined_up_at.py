"""Remember since when a task stands in line that was for later, or is tried again."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("engine", "0006_stopped_with_others"),
    ]

    operations = [
        migrations.AddField(
            model_name="task",
            name="lined_up_at",
            field=models.DateTimeField(null=True),
        ),
    ]
