from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from incidents.triggers import TRANSLATIONS, install_guards


def install(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """SQLite makes the table anew for another constraint, and forgets its triggers."""
    install_guards(schema_editor.connection, TRANSLATIONS)


class Migration(migrations.Migration):
    dependencies = [
        ("incidents", "0007_fill_component_history"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="translation",
            name="translation_of_one_thing",
        ),
        migrations.RemoveField(
            model_name="incident",
            name="advice_html",
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
                        ("update__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="translation_of_one_thing",
            ),
        ),
        migrations.RunPython(install, install),
    ]
