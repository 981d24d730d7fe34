"""Let the list of tasks be read from an index also by when they were changed last."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('engine', '0004_event_pause'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='task',
            index=models.Index(fields=['updated_at', 'created_at'], name='task_updated'),
        ),
    ]
