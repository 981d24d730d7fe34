"""Remember which tasks and groups were stopped together with what they may still make."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('engine', '0005_lists_by_last_update'),
    ]

    operations = [
        migrations.AddField(
            model_name='task',
            name='is_stopped_with_children',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='taskgroup',
            name='is_stopped',
            field=models.BooleanField(default=False),
        ),
    ]
