"""Let the search of Galaxy's web UI show what is downloaded most without sorting all collections."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("registry", "0014_synced_as_mirror_by_default_not"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="collection",
            index=models.Index(fields=["download_count", "id"], name="collection_downloads"),
        ),
    ]
