"""What visitors say is a report: a claim will be somebody's own, with a name to it, and finds every name free.

The tables are renamed, so the program of the version before cannot serve meanwhile (docs/operator.md).
"""

import django.db.models.deletion
from django.db import migrations, models

RENAMED = {"claim": "report", "claimcount": "reportcount"}
NAMES = {
    "claim": "claim",
    "claimcount": "count of claims",
    "report": "report",
    "reportcount": "count of reports",
}
VERBS = ("add", "change", "delete", "view")
# PostgreSQL keeps the names of what belongs to a table when the table gets another: keys, indexes, sequences.
NAMES_LEFT = """
    SELECT 'constraint', conrelid::regclass::text, conname FROM pg_constraint
    WHERE connamespace = current_schema()::regnamespace AND conrelid::regclass::text = ANY(%(tables)s)
        AND conname LIKE %(prefix)s
    UNION ALL
    SELECT CASE relkind WHEN 'S' THEN 'sequence' ELSE 'index' END, '', relname FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('S', 'i') AND relname LIKE %(prefix)s
        AND relname NOT IN (SELECT conname FROM pg_constraint WHERE connamespace = current_schema()::regnamespace)
"""


def rename_rights(apps, schema_editor):
    _rename_rights(apps, schema_editor, RENAMED)


def rename_rights_back(apps, schema_editor):
    _rename_rights(apps, schema_editor, {new: old for old, new in RENAMED.items()})


def _rename_rights(apps, schema_editor, renamed):
    """Whoever was allowed is allowed still: the rows stay, with other names. `migrate` may have renamed the types."""
    alias = schema_editor.connection.alias
    types = apps.get_model("contenttypes", "ContentType").objects.using(alias).filter(app_label="incidents")
    permissions = apps.get_model("auth", "Permission").objects.using(alias)
    for old, new in renamed.items():
        if not types.filter(model=new).exists():
            types.filter(model=old).update(model=new)
        for verb in VERBS:
            rows = permissions.filter(content_type__app_label="incidents", codename=f"{verb}_{old}")
            rows.update(codename=f"{verb}_{new}", name=f"Can {verb} {NAMES[new]}")


def rename_leftovers(apps, schema_editor):
    _rename_leftovers(schema_editor, "incidents_claim", "incidents_report")


def rename_leftovers_back(apps, schema_editor):
    _rename_leftovers(schema_editor, "incidents_report", "incidents_claim")


def _rename_leftovers(schema_editor, old, new):
    if schema_editor.connection.vendor != "postgresql":
        return  # SQLite writes the tables anew with their constraints, and all names with them
    tables = [f"{new}", f"{new}count"]
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(NAMES_LEFT, {"tables": tables, "prefix": f"{old}%"})
        for kind, table, name in cursor.fetchall():
            renamed = schema_editor.quote_name(name.replace(old, new, 1))
            quoted = schema_editor.quote_name(name)
            if kind == "constraint":
                schema_editor.execute(f"ALTER TABLE {table} RENAME CONSTRAINT {quoted} TO {renamed}", None)
            else:
                schema_editor.execute(f"ALTER {kind} {quoted} RENAME TO {renamed}", None)


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("incidents", "0012_list_staff_first"),
    ]

    operations = [
        # Backwards they come last, when the tables have their old names again.
        migrations.RunPython(migrations.RunPython.noop, rename_leftovers_back),
        migrations.RemoveConstraint(model_name="claim", name="claim_once_an_hour"),
        migrations.RemoveConstraint(model_name="claimcount", name="claim_count_once"),
        migrations.RenameModel(old_name="Claim", new_name="Report"),
        migrations.RenameModel(old_name="ClaimCount", new_name="ReportCount"),
        migrations.AlterModelOptions(
            name="report",
            options={"ordering": ["-hour", "id"], "verbose_name": "report", "verbose_name_plural": "reports"},
        ),
        migrations.AlterModelOptions(
            name="reportcount",
            options={
                "ordering": ["-since", "component_id"],
                "verbose_name": "count of reports",
                "verbose_name_plural": "counts of reports",
            },
        ),
        migrations.AlterField(
            model_name="report",
            name="component",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="reports",
                to="incidents.component",
                verbose_name="component",
            ),
        ),
        migrations.AlterField(
            model_name="reportcount",
            name="component",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="report_counts",
                to="incidents.component",
                verbose_name="component",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.UniqueConstraint(fields=("hour", "component", "visitor"), name="report_once_an_hour"),
        ),
        migrations.AddConstraint(
            model_name="reportcount",
            constraint=models.UniqueConstraint(fields=("since", "component"), name="report_count_once"),
        ),
        migrations.RunPython(rename_rights, rename_rights_back),
        migrations.RunPython(rename_leftovers, migrations.RunPython.noop),
    ]
