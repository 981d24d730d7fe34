"""A place to count wrong passwords, so that guessing many takes long."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('registry', '0003_facts'),
    ]

    operations = [
        migrations.CreateModel(
            name='WrongPassword',
            fields=[
                ('key', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('times', models.PositiveIntegerField(default=1)),
                ('last_at', models.DateTimeField(db_index=True)),
            ],
        ),
    ]
