"""Let the lists of all versions, and of those of a repository, be read from indexes in each of their orders."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('registry', '0005_standing_of_versions'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='repositorycontent',
            name='content_of_version',
        ),
        migrations.AddIndex(
            model_name='collectionversion',
            index=models.Index(fields=['name', '-id'], name='collection_version_name'),
        ),
        migrations.AddIndex(
            model_name='collectionversion',
            index=models.Index(fields=['version_key', '-id'], name='collection_version_key'),
        ),
        migrations.AddIndex(
            model_name='collectionversion',
            index=models.Index(fields=['updated_at', 'id'], name='collection_version_updated'),
        ),
        migrations.AddIndex(
            model_name='repositorycontent',
            index=models.Index(fields=['repository', 'added', 'removed'], name='content_of_version'),
        ),
    ]
