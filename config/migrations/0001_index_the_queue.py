from django.db import migrations


class Migration(migrations.Migration):
    """django-q2 asks its table for (key, lock) five times a second and brings no index for it."""

    dependencies = [("django_q", "0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more")]

    operations = [
        migrations.RunSQL(
            sql="CREATE INDEX config_ormq_key_lock ON django_q_ormq (key, lock)",
            reverse_sql="DROP INDEX config_ormq_key_lock",
        ),
    ]
