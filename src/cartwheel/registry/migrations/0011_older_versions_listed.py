"""Let the search in an older version of a repository sort what was there without reading its rows."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("registry", "0010_collections_listed"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="repositorycontent",
            name="content_of_version",
        ),
        migrations.AddIndex(
            model_name="repositorycontent",
            index=models.Index(
                fields=["repository", "-added", "removed", "-collection_version"],
                include=("id",),
                name="content_of_version",
            ),
        ),
    ]
