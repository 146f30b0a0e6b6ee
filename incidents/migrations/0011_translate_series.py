import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from incidents.triggers import TRANSLATIONS, install_guards


def install(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """SQLite makes the table anew for another column, and forgets its triggers."""
    install_guards(schema_editor.connection, TRANSLATIONS)


class Migration(migrations.Migration):
    dependencies = [
        ("incidents", "0010_maintenance_windows"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="translation",
            name="translation_of_page_once",
        ),
        migrations.RemoveConstraint(
            model_name="translation",
            name="translation_of_one_thing",
        ),
        migrations.AddField(
            model_name="translation",
            name="series",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="translations",
                to="incidents.maintenanceseries",
            ),
        ),
        migrations.AddConstraint(
            model_name="translation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("component__isnull", True),
                        ("estimate__isnull", True),
                        ("field__in", ("name", "description")),
                        ("group__isnull", True),
                        ("incident__isnull", True),
                        ("offer__isnull", True),
                        ("page__isnull", False),
                        ("remedy__isnull", True),
                        ("series__isnull", True),
                        ("update__isnull", True),
                    ),
                    models.Q(
                        ("component__isnull", True),
                        ("estimate__isnull", True),
                        ("field__in", ("name", "description")),
                        ("group__isnull", False),
                        ("incident__isnull", True),
                        ("offer__isnull", True),
                        ("page__isnull", False),
                        ("remedy__isnull", True),
                        ("series__isnull", True),
                        ("update__isnull", True),
                    ),
                    models.Q(
                        ("component__isnull", False),
                        ("estimate__isnull", True),
                        ("field__in", ("name", "description")),
                        ("group__isnull", True),
                        ("incident__isnull", True),
                        ("offer__isnull", True),
                        ("page__isnull", False),
                        ("remedy__isnull", True),
                        ("series__isnull", True),
                        ("update__isnull", True),
                    ),
                    models.Q(
                        ("component__isnull", True),
                        ("estimate__isnull", True),
                        ("field__in", ("name", "advice")),
                        ("group__isnull", True),
                        ("incident__isnull", False),
                        ("offer__isnull", True),
                        ("page__isnull", False),
                        ("remedy__isnull", True),
                        ("series__isnull", True),
                        ("update__isnull", True),
                    ),
                    models.Q(
                        ("component__isnull", True),
                        ("estimate__isnull", True),
                        ("field__in", ("body",)),
                        ("group__isnull", True),
                        ("incident__isnull", True),
                        ("offer__isnull", True),
                        ("page__isnull", False),
                        ("remedy__isnull", True),
                        ("series__isnull", True),
                        ("update__isnull", False),
                    ),
                    models.Q(
                        ("component__isnull", True),
                        ("estimate__isnull", False),
                        ("field__in", ("reason", "source")),
                        ("group__isnull", True),
                        ("incident__isnull", True),
                        ("offer__isnull", True),
                        ("page__isnull", False),
                        ("remedy__isnull", True),
                        ("series__isnull", True),
                        ("update__isnull", True),
                    ),
                    models.Q(
                        ("component__isnull", True),
                        ("estimate__isnull", True),
                        ("field__in", ("name", "what_you_get", "when", "what_it_costs", "what_you_give_up", "promise")),
                        ("group__isnull", True),
                        ("incident__isnull", True),
                        ("offer__isnull", False),
                        ("page__isnull", False),
                        ("remedy__isnull", True),
                        ("series__isnull", True),
                        ("update__isnull", True),
                    ),
                    models.Q(
                        ("component__isnull", True),
                        ("estimate__isnull", True),
                        ("field__in", ("name", "what_you_get", "what_it_costs", "what_you_give_up", "promise")),
                        ("group__isnull", True),
                        ("incident__isnull", True),
                        ("offer__isnull", True),
                        ("page__isnull", True),
                        ("remedy__isnull", False),
                        ("series__isnull", True),
                        ("update__isnull", True),
                    ),
                    models.Q(
                        ("component__isnull", True),
                        ("estimate__isnull", True),
                        ("field__in", ("name", "body")),
                        ("group__isnull", True),
                        ("incident__isnull", True),
                        ("offer__isnull", True),
                        ("page__isnull", False),
                        ("remedy__isnull", True),
                        ("series__isnull", False),
                        ("update__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="translation_of_one_thing",
            ),
        ),
        migrations.AddConstraint(
            model_name="translation",
            constraint=models.UniqueConstraint(
                fields=("series", "field", "language", "revision"), name="translation_of_series_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="translation",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("component__isnull", True),
                    ("estimate__isnull", True),
                    ("group__isnull", True),
                    ("incident__isnull", True),
                    ("offer__isnull", True),
                    ("remedy__isnull", True),
                    ("series__isnull", True),
                    ("update__isnull", True),
                ),
                fields=("page", "field", "language", "revision"),
                name="translation_of_page_once",
            ),
        ),
        migrations.RunPython(install, install),
    ]
