"""Let the list of all collections be read from indexes in each of its orders."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('registry', '0009_versions_sorted_by_bytes'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='collection',
            index=models.Index(fields=['name', '-id'], name='collection_name'),
        ),
        migrations.AddIndex(
            model_name='collection',
            index=models.Index(fields=['updated_at', 'id'], name='collection_updated'),
        ),
    ]
