"""A place for what all hosts agree on: which secret key they have."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('registry', '0002_what_a_sync_left'),
    ]

    operations = [
        migrations.CreateModel(
            name='Fact',
            fields=[
                ('name', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('value', models.CharField(max_length=255)),
            ],
        ),
    ]
