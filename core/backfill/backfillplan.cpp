// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backfill/backfillspec.h"
#include "core/backfill/fillaction.h"
#include "core/backfill/fillsql.h"
#include "core/base/units.h"
#include "core/capture/capturecatalog.h"
#include "core/catalog/tableinventory.h"

#include <algorithm>

namespace tidemark::backfill {

namespace {

/// All that the steps are made from.
struct Material
{
    TableInventory table;
    FillSql sql;
    std::vector<pg::QualifiedName> leaves; ///< whose pages are walked: of the table, or of where the rows come from
    BackfillSpec asked;
};

Step sqlStep(const char *name, const QString &title, const QStringList &statements, const QStringList &undo = {})
{
    Step step;
    step.name = QLatin1String(name);
    step.title = title;
    step.statements = statements;
    step.undo = undo;
    return step;
}

Step lockingStep(const char *name, const QString &title, const pg::QualifiedName &table, LockMode mode,
                 const QStringList &statements, const QStringList &undo)
{
    Step step = sqlStep(name, title, statements, undo);
    step.risk = Risk::Medium;
    step.locks = step.undoLocks = {{table, mode}};
    return step;
}

/// The table itself or all below it that holds rows.
Result<std::vector<pg::QualifiedName>> readLeaves(pg::Session &session, const pg::QualifiedName &table,
                                                  const pg::CallOptions &call)
{
    TIDEMARK_TRY(
        const auto rows,
        session.exec(
            "WITH RECURSIVE below AS ("
            "SELECT c.oid FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n "
            "ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2 "
            "UNION ALL SELECT i.inhrelid FROM pg_catalog.pg_inherits AS i JOIN below AS b ON b.oid = i.inhparent) "
            "SELECT n.nspname, c.relname, c.relkind::text FROM below AS b "
            "JOIN pg_catalog.pg_class AS c ON c.oid = b.oid "
            "JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace "
            "WHERE c.relkind <> 'p' ORDER BY n.nspname, c.relname",
            {table.schema, table.name}, call));
    std::vector<pg::QualifiedName> leaves;
    for (int row = 0; row < rows.rowCount(); ++row) {
        const pg::QualifiedName name{rows.text(row, 0), rows.text(row, 1)};
        const QString kind = rows.text(row, 2);
        if (kind != QLatin1String("r") && kind != QLatin1String("m")) {
            return fail(Error::input(
                QStringLiteral("%1 is no table with pages of its own, so it cannot be walked").arg(name.display()),
                QStringLiteral("Fill the other tables by their own names.")));
        }
        leaves.push_back(name);
    }
    if (leaves.empty())
        return fail(
            Error::missing(QStringLiteral("there is no table %1, or it has no partition").arg(table.display())));
    return leaves;
}

Status checkColumn(const TableInventory &table, const QString &name, const QStringList &key, bool adds)
{
    const TableColumn *column = table.column(name);
    const QString shown = QStringLiteral("the column “%1” of %2").arg(name, table.facts.name.display());
    if (column == nullptr)
        return fail(Error::missing(shown + QStringLiteral(" is not there"),
                                   QStringLiteral("Add it first: add %1=TYPE.").arg(name)));
    if (!column->generated.isEmpty())
        return fail(Error::input(shown + QStringLiteral(" is generated: it has no value of its own to set")));
    if (!adds && key.contains(name)) {
        return fail(Error::input(shown + QStringLiteral(" is part of the key that rows are known by"),
                                 QStringLiteral("A key is changed by a staged migration.")));
    }
    return {};
}

Result<std::vector<FilledColumn>> readColumns(pg::Session &session, const BackfillSpec &spec,
                                              const TableInventory &table, const QStringList &key,
                                              const pg::CallOptions &call)
{
    TIDEMARK_TRY(const auto types,
                 session.exec("SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod) "
                              "FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = $1 AND a.attnum > 0 "
                              "AND NOT a.attisdropped",
                              {table.facts.oid}, call));
    QHash<QString, QString> typeOf;
    for (int row = 0; row < types.rowCount(); ++row)
        typeOf.insert(types.text(row, 0), types.text(row, 1));
    for (const NewColumn &added : spec.add) {
        if (typeOf.contains(added.name)) {
            return fail(Error::input(
                QStringLiteral("the column “%1” of %2 is there already").arg(added.name, table.facts.name.display())));
        }
        typeOf.insert(added.name, added.type);
    }
    std::vector<FilledColumn> columns;
    for (const Assignment &assignment : spec.set) {
        const bool isNew = std::any_of(spec.add.begin(), spec.add.end(),
                                       [&](const NewColumn &added) { return added.name == assignment.column; });
        if (!isNew)
            TIDEMARK_CHECK(checkColumn(table, assignment.column, key, spec.adds()));
        columns.push_back({assignment.column, typeOf.value(assignment.column), assignment.expression});
    }
    return columns;
}

/// Some other backfill of the table may still hold what it needs to be undone.
Status checkFree(pg::Session &session, const pg::QualifiedName &name, const pg::QualifiedName &table,
                 const pg::CallOptions &call)
{
    TIDEMARK_TRY(const auto there,
                 session.exec("SELECT pg_catalog.to_regclass($1) IS NOT NULL", {name.quoted()}, call));
    if (there.boolean(0, 0)) {
        return fail(
            Error::input(QStringLiteral("an earlier backfill of %1 still keeps its old values in %2")
                             .arg(table.display(), name.display()),
                         QStringLiteral("Let it proceed to its end, or undo it: “tidemarkctl runs” shows it.")));
    }
    return {};
}

Status readKey(pg::Session &session, Material &material, const pg::CallOptions &call)
{
    const BackfillSpec &spec = material.asked;
    const auto found = readCaptureSpec(session, spec.table, QStringLiteral("backfill"), {}, call);
    if (found)
        material.sql.key = found->key;
    else if (spec.adds() || spec.keepOld) {
        return fail(Error::input(
            QStringLiteral("%1 has no key that rows can be known by: %2")
                .arg(spec.table.display(), found.error().message),
            spec.adds() ? QStringLiteral("Give it a unique key over columns that are NOT NULL.")
                        : QStringLiteral("Give it a unique key over columns that are NOT NULL, or do without undo "
                                         "(keep_old false).")));
    }
    if (!spec.adds())
        return {};
    for (const KeyColumn &column : material.sql.key) {
        const bool isSet = std::any_of(spec.set.begin(), spec.set.end(),
                                       [&](const Assignment &assignment) { return assignment.column == column.name; });
        if (!isSet) {
            return fail(Error::input(
                QStringLiteral("the column “%1” of the key of %2 is not set, so nobody could tell which rows are there")
                    .arg(column.name, spec.table.display()),
                QStringLiteral("Set all columns of the key.")));
        }
    }
    return {};
}

/// Evaluates nothing: the server parses and plans what would be filled.
Status tryExpressions(pg::Session &session, const Material &material, const pg::CallOptions &call)
{
    const auto tried = session.exec(material.sql.trial(material.asked.add.empty()).toUtf8(), {}, call);
    if (tried)
        return {};
    Error error = tried.error().within(
        QStringLiteral("trying the expressions on %1").arg(material.sql.table.display()));
    if (error.hint.isEmpty())
        error.hint = QStringLiteral(
            "Names outside pg_catalog need their schema; a column belongs to the table's own row.");
    return fail(error);
}

Result<Material> gather(pg::Session &session, const BackfillSpec &spec, const pg::CallOptions &call)
{
    Material material;
    material.asked = spec;
    TIDEMARK_TRY(material.table, readTableInventory(session, spec.table, call));
    TIDEMARK_TRY(material.leaves, readLeaves(session, spec.adds() ? spec.from : spec.table, call));
    FillSql &sql = material.sql;
    sql.table = material.table.facts.name;
    sql.from = spec.from;
    sql.where = conditionOf(spec);
    sql.serverVersion = material.table.serverVersion;
    TIDEMARK_CHECK(readKey(session, material, call));
    QStringList key;
    for (const KeyColumn &column : sql.key)
        key << column.name;
    TIDEMARK_TRY(sql.columns, readColumns(session, spec, material.table, key, call));
    const QString suffix = QStringLiteral("backfill_%1").arg(material.table.facts.oid);
    if (spec.keepOld) {
        sql.kept = {QStringLiteral("tidemark"), suffix};
        TIDEMARK_CHECK(checkFree(session, sql.kept, sql.table, call));
    }
    sql.once = spec.keepOld && !spec.adds() && !spec.where.isEmpty() && !spec.keepUp;
    sql.trigger = {QStringLiteral("tidemark"), suffix + QStringLiteral("_fill")};
    TIDEMARK_CHECK(tryExpressions(session, material, call));
    return material;
}

void addPreparing(std::vector<Step> &steps, const Material &material)
{
    const pg::QualifiedName &table = material.sql.table;
    const QString head = QStringLiteral("ALTER TABLE %1 ").arg(table.quoted());
    if (!material.asked.add.empty()) {
        QStringList made;
        QStringList dropped;
        for (const NewColumn &column : material.asked.add) {
            made << QStringLiteral("ADD COLUMN %1 %2").arg(pg::quoteIdentifier(column.name), column.type);
            dropped << QStringLiteral("DROP COLUMN %1").arg(pg::quoteIdentifier(column.name));
        }
        steps.push_back(lockingStep("add", QStringLiteral("Add the columns"), table, LockMode::AccessExclusive,
                                    {head + made.join(QLatin1String(", "))},
                                    {head + dropped.join(QLatin1String(", "))}));
    }
    if (material.asked.keepOld) {
        steps.push_back(sqlStep("keep", QStringLiteral("Make room for what it can be undone by"),
                                material.sql.createKept(),
                                {QStringLiteral("DROP TABLE ") + material.sql.kept.quoted()}));
    }
    if (material.asked.keepUp) {
        steps.push_back(lockingStep("keep_up", QStringLiteral("Let rows that are written meanwhile come filled"), table,
                                    LockMode::ShareRowExclusive, material.sql.createTrigger(),
                                    material.sql.dropTrigger()));
        // Taking a trigger away asks for more than making it.
        steps.back().undoLocks = {{table, LockMode::AccessExclusive}};
    }
}

void addFilling(std::vector<Step> &steps, const Material &material)
{
    const FillSql &sql = material.sql;
    FillParameters fill;
    fill.tables = material.leaves;
    fill.condition = sql.where;
    fill.mustEnd = !material.asked.adds() && !sql.once;
    fill.mayBeKeptOut = material.asked.adds();
    fill.kept = sql.kept;
    if (material.asked.keepOld)
        fill.takeBack = sql.takeBack();
    Step filling;
    filling.name = QStringLiteral("fill");
    filling.action = QStringLiteral("backfill.fill");
    filling.title = material.asked.adds()
                        ? QStringLiteral("Fill %1 from %2").arg(sql.table.display(), sql.from.display())
                        : QStringLiteral("Fill %1").arg(sql.table.display());
    filling.transaction = StepTransaction::Own;
    filling.undoTransaction = StepTransaction::Own;
    for (const pg::QualifiedName &leaf : material.leaves) {
        filling.statements << sql.chunk(leaf);
        fill.isLeft << sql.isLeft(leaf);
    }
    if (material.asked.keepOld)
        filling.undo = {sql.takeBack()};
    filling.pointOfNoReturn = !material.asked.keepOld;
    filling.parameters = fill.toJson();
    steps.push_back(filling);

    Step verify = sqlStep("verify", QStringLiteral("Prove that no row is left"), {});
    verify.risk = Risk::None;
    for (const QString &left : fill.isLeft) {
        verify.verify.push_back(
            {QStringLiteral("SELECT NOT (%1)").arg(left),
             QStringLiteral("rows are left to be filled: others write them while this runs; let them come "
                            "filled (keep_up), or resume")});
    }
    steps.push_back(verify);
}

void addNotNull(std::vector<Step> &steps, const Material &material)
{
    if (!material.asked.notNull)
        return;
    const pg::QualifiedName &table = material.sql.table;
    const QString head = QStringLiteral("ALTER TABLE %1 ").arg(table.quoted());
    QStringList announce;
    QStringList validate;
    QStringList declare;
    QStringList retract;
    QStringList forget;
    for (const FilledColumn &column : material.sql.columns) {
        const QString quoted = pg::quoteIdentifier(column.name);
        const QString name = pg::quoteIdentifier(QStringLiteral("tidemark_%1_filled").arg(column.name.left(40)));
        announce << QStringLiteral("ADD CONSTRAINT %1 CHECK (%2 IS NOT NULL) NOT VALID").arg(name, quoted);
        validate << QStringLiteral("VALIDATE CONSTRAINT %1").arg(name);
        declare << QStringLiteral("ALTER COLUMN %1 SET NOT NULL").arg(quoted);
        forget << QStringLiteral("DROP CONSTRAINT %1").arg(name);
        retract << QStringLiteral("ALTER COLUMN %1 DROP NOT NULL").arg(quoted);
    }
    const auto statement = [&](const QStringList &parts) {
        return QStringList{head + parts.join(QLatin1String(", "))};
    };
    steps.push_back(lockingStep("announce_not_null", QStringLiteral("Refuse NULL from now on"), table,
                                LockMode::AccessExclusive, statement(announce), statement(forget)));
    Step check = sqlStep("validate_not_null", QStringLiteral("Read all rows for a NULL"), statement(validate));
    check.locks = {{table, LockMode::ShareUpdateExclusive}};
    steps.push_back(check);
    // The server reads no row again where a valid constraint says it.
    steps.push_back(lockingStep("declare_not_null", QStringLiteral("Declare the columns NOT NULL"), table,
                                LockMode::AccessExclusive, statement(declare) + statement(forget),
                                statement(retract + announce)));
}

void addFinishing(std::vector<Step> &steps, const Material &material)
{
    const pg::QualifiedName &table = material.sql.table;
    Step vacuum = sqlStep("vacuum", QStringLiteral("Vacuum and analyse %1").arg(table.display()),
                          {QStringLiteral("VACUUM (ANALYZE) ") + table.quoted()});
    vacuum.transaction = StepTransaction::None;
    steps.push_back(vacuum);
    if (!material.asked.keepOld && !material.asked.keepUp)
        return;
    Step finish = sqlStep("finish", QStringLiteral("Let go of what it could be undone by"), {});
    if (material.asked.keepUp) {
        finish.statements = material.sql.dropTrigger();
        finish.locks = {{table, LockMode::AccessExclusive}};
        finish.risk = Risk::Medium;
    }
    if (material.asked.keepOld)
        finish.statements << QStringLiteral("DROP TABLE ") + material.sql.kept.quoted();
    finish.hold = true;
    finish.pointOfNoReturn = true;
    steps.push_back(finish);
}

QStringList notesOf(const Material &material)
{
    const RelationFacts &facts = material.table.facts;
    QStringList notes;
    notes << QStringLiteral("%1: %2, about %3 rows. Rows are found by: %4")
                 .arg(facts.name.display(), units::bytes(facts.bytes),
                      units::count(std::max<qint64>(facts.rowEstimate, 0)), material.sql.where);
    if (!material.asked.adds())
        notes << QStringLiteral("Each row that is filled is written anew: the table may grow by as much as is filled.");
    QStringList triggers;
    for (const Trigger &trigger : material.table.triggers)
        triggers << trigger.name;
    if (!triggers.isEmpty()) {
        notes << QStringLiteral("Its own triggers fire for the rows that are filled: %1.")
                     .arg(triggers.join(QLatin1String(", ")));
    }
    if (material.asked.keepOld)
        notes << QStringLiteral("What it can be undone by is kept in %1 until the last step is told to proceed.")
                     .arg(material.sql.kept.display());
    else
        notes << QStringLiteral("The old values are not kept: what is filled cannot be taken back.");
    return notes;
}

} // namespace

Result<Plan> planBackfill(pg::Session &session, const BackfillSpec &spec, const pg::CallOptions &call)
{
    TIDEMARK_TRY(const Material material, gather(session, spec, call));
    TIDEMARK_TRY(const auto capabilities, pg::Capabilities::probe(session, call));
    QStringList columns;
    for (const FilledColumn &column : material.sql.columns)
        columns << column.name;
    Plan plan;
    plan.kind = QStringLiteral("backfill");
    plan.title = spec.adds()
                     ? QStringLiteral("Fill %1 from %2").arg(spec.table.display(), spec.from.display())
                     : QStringLiteral("Fill %1 of %2").arg(columns.join(QLatin1String(", ")), spec.table.display());
    plan.target = PlanTarget::of(capabilities);
    plan.spec = spec.toJson();
    plan.notes = notesOf(material);
    addPreparing(plan.steps, material);
    addFilling(plan.steps, material);
    addNotNull(plan.steps, material);
    addFinishing(plan.steps, material);
    return plan;
}

Actions backfillActions()
{
    Actions actions;
    actions.insert(QStringLiteral("backfill.fill"), std::make_shared<FillAction>());
    return actions;
}

} // namespace tidemark::backfill
