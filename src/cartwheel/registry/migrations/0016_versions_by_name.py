"""Let versions be listed by namespace and name without reading their rows to sort those of one name."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("registry", "0015_collections_by_downloads"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="collectionversion",
            name="collection_version_by_name",
        ),
        migrations.AddIndex(
            model_name="collectionversion",
            index=models.Index(
                fields=["namespace", "name", "-version_key", "-id"], name="collection_version_by_name"
            ),
        ),
    ]
