"""Names of models in the admin, which it translates; the database stays as it is."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("chat", "0003_accounts")]

    operations = [
        migrations.AlterModelOptions(
            name="session",
            options={
                "managed": False,
                "default_permissions": ("view", "delete"),
                "base_manager_name": "objects",
                "verbose_name": "session",
                "verbose_name_plural": "sessions",
            },
        ),
        migrations.AlterModelOptions(
            name="token",
            options={
                "managed": False,
                "default_permissions": ("view", "add", "delete"),
                "base_manager_name": "objects",
                "verbose_name": "token",
                "verbose_name_plural": "tokens",
            },
        ),
    ]
