"""Makes the permissions to view, issue and revoke tokens; there is no table."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chat", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Token",
            fields=[
                ("id", models.TextField(primary_key=True, serialize=False)),
                ("name", models.TextField()),
            ],
            options={
                "managed": False,
                "default_permissions": ("view", "add", "delete"),
                "base_manager_name": "objects",
            },
        ),
    ]
