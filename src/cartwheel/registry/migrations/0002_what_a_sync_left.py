"""Remember what a sync left, so that the next notices what was changed by hand."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('registry', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='repository',
            name='synced_as_mirror',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='repository',
            name='synced_number',
            field=models.PositiveIntegerField(default=None, null=True),
        ),
    ]
