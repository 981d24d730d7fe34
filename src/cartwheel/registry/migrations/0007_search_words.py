"""Let hubs that are there make the index of words (registry/search_words.py): it is made after any migration."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('registry', '0006_lists'),
    ]

    operations = []
