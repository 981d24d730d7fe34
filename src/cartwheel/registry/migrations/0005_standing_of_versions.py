"""Let a list of what is in a repository be read from an index: each place says how its version stands there.

Lists asked for each row whether a higher version is there, and read the name from the collection's row.
"""

from django.db import migrations, models
from django.db.models import Exists, OuterRef, Q, Subquery


def fill(apps, schema_editor):
    places = apps.get_model("registry", "RepositoryContent").objects.using(schema_editor.connection.alias)
    mine = apps.get_model("registry", "Collection").objects.filter(pk=OuterRef("collection"))
    places.update(namespace=Subquery(mine.values("namespace")), name=Subquery(mine.values("name")))
    here = places.filter(removed=None)
    higher = places.filter(
        removed=None,
        repository=OuterRef("repository"),
        collection=OuterRef("collection"),
        version_key__gt=OuterRef("version_key"),
    )
    marks = apps.get_model("registry", "Deprecation").objects.filter(
        repository=OuterRef("repository"), collection=OuterRef("collection")
    )
    here.filter(~Q(Exists(higher))).update(is_highest=True)
    here.filter(Exists(marks)).update(is_deprecated=True)


class Migration(migrations.Migration):

    dependencies = [
        ('registry', '0004_wrong_passwords'),
    ]

    operations = [
        migrations.AddField(
            model_name='repositorycontent',
            name='is_deprecated',
            field=models.BooleanField(db_default=False),
        ),
        migrations.AddField(
            model_name='repositorycontent',
            name='is_highest',
            field=models.BooleanField(db_default=False),
        ),
        migrations.AddField(
            model_name='repositorycontent',
            name='name',
            field=models.CharField(db_default='', max_length=64),
        ),
        migrations.AddField(
            model_name='repositorycontent',
            name='namespace',
            field=models.CharField(db_default='', max_length=64),
        ),
        migrations.AddIndex(
            model_name='repositorycontent',
            index=models.Index(condition=models.Q(('is_highest', True), ('removed', None)), fields=['repository', '-collection', 'is_deprecated', 'is_highest', 'removed'], include=('id',), name='content_collections'),
        ),
        migrations.AddIndex(
            model_name='repositorycontent',
            index=models.Index(condition=models.Q(('removed', None)), fields=['-collection_version', 'repository', 'is_highest', 'is_deprecated', 'removed'], include=('id',), name='content_newest'),
        ),
        migrations.AddIndex(
            model_name='repositorycontent',
            index=models.Index(condition=models.Q(('removed', None)), fields=['name', '-collection_version', 'repository', 'is_highest', 'is_deprecated', 'removed'], include=('id',), name='content_by_name'),
        ),
        migrations.AddIndex(
            model_name='repositorycontent',
            index=models.Index(condition=models.Q(('removed', None)), fields=['namespace', 'name', '-version_key', '-collection_version', 'repository', 'is_highest', 'is_deprecated', 'removed'], include=('id',), name='content_by_full_name'),
        ),
        migrations.AddIndex(
            model_name='repositorycontent',
            index=models.Index(condition=models.Q(('removed', None)), fields=['-version_key', '-collection_version', 'repository', 'is_highest', 'is_deprecated', 'removed'], include=('id',), name='content_by_version'),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
