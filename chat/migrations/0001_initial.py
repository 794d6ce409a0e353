"""Makes the permissions to view and delete sessions; there is no table."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Session",
            fields=[
                ("memory_id", models.TextField(primary_key=True, serialize=False, verbose_name="memory id")),
            ],
            options={
                "managed": False,
                "default_permissions": ("view", "delete"),
                "base_manager_name": "objects",
            },
        ),
    ]
