"""Let hosts of a release that does not know this column yet make repositories."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("registry", "0013_chunked_uploads"),
    ]

    operations = [
        migrations.AlterField(
            model_name="repository",
            name="synced_as_mirror",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
