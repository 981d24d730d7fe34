"""Sort versions byte by byte, whatever locale a PostgreSQL database was made with: 1.0.0-RC before 1.0.0-alpha, as SemVer has it."""

import cartwheel.registry.models.fields
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('registry', '0008_namespaces_shown'),
    ]

    operations = [
        migrations.AlterField(
            model_name='collectionversion',
            name='version_key',
            field=cartwheel.registry.models.fields.BytewiseCharField(max_length=255),
        ),
        migrations.AlterField(
            model_name='repositorycontent',
            name='version_key',
            field=cartwheel.registry.models.fields.BytewiseCharField(max_length=255),
        ),
    ]
