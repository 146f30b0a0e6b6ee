import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from incidents.triggers import TRANSLATIONS, install_guards, remove_guards


def install(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    install_guards(schema_editor.connection, TRANSLATIONS)


def remove(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    remove_guards(schema_editor.connection, TRANSLATIONS)


class Migration(migrations.Migration):
    dependencies = [
        ("incidents", "0004_embed_origins"),
    ]

    operations = [
        migrations.AlterField(
            model_name="event",
            name="kind",
            field=models.CharField(
                choices=[
                    ("page.changed", "Page changed"),
                    ("component.changed", "Component changed"),
                    ("text.translated", "Translated"),
                    ("incident.declared", "Incident declared"),
                    ("incident.published", "Incident published"),
                    ("incident.changed", "Incident changed"),
                    ("incident.updated", "Update posted"),
                    ("incident.resolved", "Service restored"),
                    ("incident.closed", "Customers made whole"),
                    ("incident.imported", "Incident imported"),
                    ("estimate.published", "Estimate published"),
                    ("impacts.opened", "Holdings matched"),
                    ("impacts.withdrawn", "Holdings no longer matched"),
                    ("impact.confirmed", "Confirmed fixed"),
                    ("impact.reopened", "Reported as not fixed"),
                    ("impact.restored", "Restored after reopening"),
                    ("offer.attached", "Offer attached"),
                    ("offer.revised", "Offer revised"),
                    ("offer.withdrawn", "Offer withdrawn"),
                    ("pool.changed", "Stock changed"),
                    ("choice.made", "Choice made"),
                    ("choice.changed", "Choice changed"),
                    ("choice.cancelled", "Choice cancelled"),
                    ("choice.fulfilled", "Choice fulfilled"),
                    ("task.assigned", "Task assigned"),
                    ("task.done", "Task done"),
                    ("promise.broken", "Promise broken"),
                    ("check_in.answered", "Check-in answered"),
                    ("feedback.received", "Rating received"),
                    ("memberships.made", "Person recognised as customer"),
                    ("membership.changed", "Membership changed"),
                    ("membership.ended", "Membership ended"),
                    ("customer.changed", "Customer changed"),
                    ("holding.changed", "Holding changed"),
                    ("person.changed", "Person changed"),
                    ("remedy.changed", "Remedy changed"),
                ],
                max_length=32,
            ),
        ),
        migrations.CreateModel(
            name="Translation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("language", models.CharField(max_length=16, verbose_name="language")),
                ("field", models.CharField(max_length=16)),
                ("revision", models.PositiveIntegerField(default=1)),
                ("text", models.TextField(blank=True, verbose_name="text")),
                ("html", models.TextField(blank=True, editable=False)),
                ("made_from", models.CharField(editable=False, max_length=64)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "author",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "component",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="translations",
                        to="incidents.component",
                    ),
                ),
                (
                    "estimate",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="translations",
                        to="incidents.estimate",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="translations",
                        to="incidents.componentgroup",
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="translations",
                        to="incidents.incident",
                    ),
                ),
                (
                    "offer",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="translations",
                        to="incidents.offer",
                    ),
                ),
                (
                    "page",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="translations",
                        to="incidents.page",
                    ),
                ),
                (
                    "remedy",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="translations",
                        to="incidents.remedy",
                    ),
                ),
                (
                    "update",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="translations",
                        to="incidents.update",
                    ),
                ),
            ],
            options={
                "verbose_name": "translation",
                "verbose_name_plural": "translations",
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
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
                                ("field__in", ("name",)),
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
                                (
                                    "field__in",
                                    ("name", "what_you_get", "when", "what_it_costs", "what_you_give_up", "promise"),
                                ),
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
                    models.CheckConstraint(
                        condition=models.Q(("language", ""), _negated=True), name="translation_has_language"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("revision__gte", 1)), name="translation_counts_from_one"
                    ),
                    models.UniqueConstraint(
                        fields=("group", "field", "language", "revision"), name="translation_of_group_once"
                    ),
                    models.UniqueConstraint(
                        fields=("component", "field", "language", "revision"), name="translation_of_component_once"
                    ),
                    models.UniqueConstraint(
                        fields=("incident", "field", "language", "revision"), name="translation_of_incident_once"
                    ),
                    models.UniqueConstraint(
                        fields=("update", "field", "language", "revision"), name="translation_of_update_once"
                    ),
                    models.UniqueConstraint(
                        fields=("estimate", "field", "language", "revision"), name="translation_of_estimate_once"
                    ),
                    models.UniqueConstraint(
                        fields=("offer", "field", "language", "revision"), name="translation_of_offer_once"
                    ),
                    models.UniqueConstraint(
                        fields=("remedy", "field", "language", "revision"), name="translation_of_remedy_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("component__isnull", True),
                            ("estimate__isnull", True),
                            ("group__isnull", True),
                            ("incident__isnull", True),
                            ("offer__isnull", True),
                            ("remedy__isnull", True),
                            ("update__isnull", True),
                        ),
                        fields=("page", "field", "language", "revision"),
                        name="translation_of_page_once",
                    ),
                ],
            },
        ),
        migrations.RunPython(install, remove),
    ]
