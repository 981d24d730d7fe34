"""Let the lists of tasks be read from indexes in each order that clients ask for, and keep none of nulls.

Most tasks have no parent, group or the like; an index full of nulls cost each insert, and SQLite read the
whole table rather than it. Its index is dropped by name: to alter the column, SQLite would copy the table.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

COLUMNS = ("again_of_id", "ends_with_id", "parent_task_id", "stopped_by_id", "task_group_id")


def drop_indexes(apps, schema_editor):
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, "engine_task")
    for name, each in found.items():
        is_plain = each["index"] and not each["unique"] and not each["primary_key"] and not each["foreign_key"]
        if is_plain and len(each["columns"]) == 1 and each["columns"][0] in COLUMNS:
            schema_editor.execute(f"DROP INDEX {schema_editor.quote_name(name)}")


class Migration(migrations.Migration):

    dependencies = [
        ('engine', '0002_task_links'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='task',
            name='task_ended',
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(drop_indexes, migrations.RunPython.noop)],
            state_operations=[
                migrations.AlterField(
                    model_name='task',
                    name='again_of',
                    field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='repeats', to='engine.task'),
                ),
                migrations.AlterField(
                    model_name='task',
                    name='ends_with',
                    field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='continues', to='engine.task'),
                ),
                migrations.AlterField(
                    model_name='task',
                    name='parent_task',
                    field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='child_tasks', to='engine.task'),
                ),
                migrations.AlterField(
                    model_name='task',
                    name='stopped_by',
                    field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
                ),
                migrations.AlterField(
                    model_name='task',
                    name='task_group',
                    field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='tasks', to='engine.taskgroup'),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name='task',
            index=models.Index(condition=models.Q(('parent_task__isnull', False)), fields=['parent_task'], name='task_children'),
        ),
        migrations.AddIndex(
            model_name='task',
            index=models.Index(condition=models.Q(('task_group__isnull', False)), fields=['task_group'], name='task_of_group'),
        ),
        migrations.AddIndex(
            model_name='task',
            index=models.Index(condition=models.Q(('again_of__isnull', False)), fields=['again_of'], name='task_repeats'),
        ),
        migrations.AddIndex(
            model_name='task',
            index=models.Index(condition=models.Q(('ends_with__isnull', False)), fields=['ends_with'], name='task_continues'),
        ),
        migrations.AddIndex(
            model_name='task',
            index=models.Index(condition=models.Q(('stopped_by__isnull', False)), fields=['stopped_by'], name='task_stopped_by'),
        ),
        migrations.AddIndex(
            model_name='task',
            index=models.Index(fields=['started_at', 'created_at'], name='task_started'),
        ),
        migrations.AddIndex(
            model_name='task',
            index=models.Index(fields=['finished_at', 'created_at'], name='task_ended'),
        ),
        migrations.AddIndex(
            model_name='task',
            index=models.Index(fields=['logging_cid'], name='task_of_request'),
        ),
    ]
