"""A pause is an event too. Changes nothing in the database: only what the column is known to say."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('engine', '0003_lists'),
    ]

    operations = [
        migrations.AlterField(
            model_name='event',
            name='kind',
            field=models.CharField(choices=[('state', 'State'), ('progress', 'Progress'), ('log', 'Log'), ('deleted', 'Deleted'), ('pause', 'Pause')], default='state', max_length=10),
        ),
    ]
