// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/planning.h"
#include "app/cli/texttable.h"
#include "app/cli/verbs.h"
#include "core/backfill/backfillspec.h"
#include "core/base/printable.h"
#include "core/base/units.h"
#include "core/stage/strategies.h"

namespace tidemark::cli {

namespace {

using backfill::BackfillSpec;
using stage::Obstacle;
using stage::StageSpec;

QString gravityWord(Obstacle::Gravity gravity)
{
    switch (gravity) {
    case Obstacle::Gravity::Refused:
        return QStringLiteral("refused");
    case Obstacle::Gravity::Loses:
        return QStringLiteral("loses");
    case Obstacle::Gravity::Changes:
        return QStringLiteral("changes");
    }
    return {};
}

/// The file of --spec, and the table on the command line over it.
Status readWish(const Context &context, QJsonObject &json)
{
    if (context.options.isSet(QStringLiteral("spec"))) {
        TIDEMARK_TRY(json, readSpec(context.options.value(QStringLiteral("spec"))));
    }
    if (const QString table = context.arguments.value(1); !table.isEmpty()) {
        const auto name = pg::QualifiedName::parse(table);
        if (!name)
            return fail(Error::input(QStringLiteral("“%1” is no table's name").arg(table)));
        json.insert(QStringLiteral("schema"), name->schema.isEmpty() ? QStringLiteral("public") : name->schema);
        json.insert(QStringLiteral("table"), name->name);
    }
    return {};
}

Result<StageSpec> stageSpec(const Context &context)
{
    QJsonObject json;
    TIDEMARK_CHECK(readWish(context, json));
    for (const char *option : {"by", "every", "shape", "strategy"}) {
        if (context.options.isSet(QLatin1String(option)))
            json.insert(QLatin1String(option), context.options.value(QLatin1String(option)));
    }
    if (context.options.isSet(QStringLiteral("time-zone")))
        json.insert(QStringLiteral("time_zone"), context.options.value(QStringLiteral("time-zone")));
    if (context.options.isSet(QStringLiteral("premake"))) {
        bool isNumber = false;
        json.insert(QStringLiteral("premake"), context.options.value(QStringLiteral("premake")).toInt(&isNumber));
        if (!isNumber)
            return fail(Error::input(QStringLiteral("--premake takes a number of partitions")));
    }
    if (context.options.isSet(QStringLiteral("no-default")))
        json.insert(QStringLiteral("default_partition"), false);
    if (context.options.isSet(QStringLiteral("mirror")))
        json.insert(QStringLiteral("mirror"), true);
    if (context.options.isSet(QStringLiteral("free-disk"))) {
        bool isNumber = false;
        json.insert(QStringLiteral("free_disk"),
                    context.options.value(QStringLiteral("free-disk")).toLongLong(&isNumber));
        if (!isNumber)
            return fail(Error::input(QStringLiteral("--free-disk takes a number of bytes")));
    }
    if (context.options.isSet(QStringLiteral("key"))) {
        json.insert(QStringLiteral("key"),
                    QJsonArray::fromStringList(context.options.value(QStringLiteral("key")).split(QLatin1Char(','))));
    }
    if (context.options.isSet(QStringLiteral("waive")))
        json.insert(QStringLiteral("waive"),
                    QJsonArray::fromStringList(context.options.values(QStringLiteral("waive"))));
    return StageSpec::fromJson(json);
}

/// What stands in the way: on err for a person, in the object for a program.
void tellObstacles(const Context &context, const std::vector<Obstacle> &obstacles)
{
    QJsonArray array;
    for (const Obstacle &obstacle : obstacles) {
        array.append(QJsonObject{{QStringLiteral("gravity"), gravityWord(obstacle.gravity)},
                                 {QStringLiteral("object"), obstacle.object},
                                 {QStringLiteral("why"), obstacle.why},
                                 {QStringLiteral("way_out"), obstacle.wayOut}});
        if (context.json)
            continue;
        context.err << gravityWord(obstacle.gravity) << ": " << printable(obstacle.object) << ": "
                    << printable(obstacle.why, Lines::Kept) << Qt::endl;
        if (!obstacle.wayOut.isEmpty())
            context.err << "  " << printable(obstacle.wayOut, Lines::Kept) << Qt::endl;
        if (obstacle.gravity == Obstacle::Gravity::Loses)
            context.err << "  Accept it with --waive '" << printable(obstacle.object) << "'." << Qt::endl;
    }
    if (context.json)
        context.print({{QStringLiteral("obstacles"), array}});
}

/// What the plan would meet now, for a person.
void tellFindings(const Context &context, const stage::StagePlan &planned)
{
    if (context.json)
        return;
    for (const stage::Finding &finding : planned.findings) {
        context.err << "know: " << printable(finding.subject) << ": " << printable(finding.text) << Qt::endl;
        if (!finding.wayOut.isEmpty())
            context.err << "  " << printable(finding.wayOut) << Qt::endl;
    }
    for (const StepWait &wait : planned.waits)
        context.err << "now: " << printable(wait.text(LockPatience())) << Qt::endl;
}

QString strategyName(const stage::StrategyOutlook &outlook)
{
    return QStringLiteral("%1 %2").arg(shapeWord(outlook.shape), strategyWord(outlook.strategy));
}

QJsonObject outlookJson(const stage::StrategyOutlook &outlook)
{
    QJsonArray blocking;
    for (const Obstacle &obstacle : outlook.blocking)
        blocking.append(QJsonObject{{QStringLiteral("gravity"), gravityWord(obstacle.gravity)},
                                    {QStringLiteral("object"), obstacle.object},
                                    {QStringLiteral("why"), obstacle.why},
                                    {QStringLiteral("way_out"), obstacle.wayOut}});
    return {{QStringLiteral("strategy"), strategyWord(outlook.strategy)},
            {QStringLiteral("shape"), shapeWord(outlook.shape)},
            {QStringLiteral("feasible"), outlook.isFeasible()},
            {QStringLiteral("obstacles"), blocking},
            {QStringLiteral("bytes_read"), outlook.bytesRead},
            {QStringLiteral("bytes_written"), outlook.bytesWritten},
            {QStringLiteral("disk_needed"), outlook.diskNeeded},
            {QStringLiteral("locks"), QJsonArray::fromStringList(outlook.locks)},
            {QStringLiteral("estimated_ms"), outlook.takes ? QJsonValue(qint64(outlook.takes->count())) : QJsonValue()},
            {QStringLiteral("estimate_basis"), outlook.basis}};
}

/// The strategies side by side, and below what stands in the way of each.
void tellOutlooks(const Context &context, const std::vector<stage::StrategyOutlook> &outlooks)
{
    if (context.json) {
        QJsonArray array;
        for (const stage::StrategyOutlook &outlook : outlooks)
            array.append(outlookJson(outlook));
        context.print({{QStringLiteral("strategies"), array}});
        return;
    }
    TextTable table({{QStringLiteral("strategy")},
                     {QStringLiteral("can be done")},
                     {QStringLiteral("read"), TextTable::Align::Right},
                     {QStringLiteral("written"), TextTable::Align::Right},
                     {QStringLiteral("disk needed"), TextTable::Align::Right},
                     {QStringLiteral("takes about"), TextTable::Align::Right},
                     {QStringLiteral("reckoned from")}});
    for (const stage::StrategyOutlook &outlook : outlooks)
        table.add({strategyName(outlook), outlook.isFeasible() ? QStringLiteral("yes") : QStringLiteral("no"),
                   units::bytes(outlook.bytesRead), units::bytes(outlook.bytesWritten),
                   units::bytes(outlook.diskNeeded),
                   outlook.takes ? units::duration(*outlook.takes) : QStringLiteral("?"), outlook.basis});
    table.print(context.out);
    for (const stage::StrategyOutlook &outlook : outlooks) {
        context.out << '\n' << strategyName(outlook) << '\n';
        for (const Obstacle &obstacle : outlook.blocking)
            context.out << "  " << gravityWord(obstacle.gravity) << ": " << printable(obstacle.object) << ": "
                        << printable(obstacle.why + QLatin1Char(' ') + obstacle.wayOut) << '\n';
        for (const QString &lock : outlook.locks)
            context.out << "  lock: " << printable(lock) << '\n';
    }
    context.out.flush();
}

Result<ExitCode> planStageVerb(const Context &context)
{
    TIDEMARK_TRY(const StageSpec spec, stageSpec(context));
    TIDEMARK_TRY(pg::Session session, openForPlanning(context));
    if (context.options.isSet(QStringLiteral("compare"))) {
        TIDEMARK_TRY(const auto outlooks, stage::compareStrategies(session, spec, planningCall()));
        tellOutlooks(context, outlooks);
        return ExitCode::Done;
    }
    TIDEMARK_TRY(const stage::StagePlan planned, stage::planStage(session, spec, planningCall()));
    tellFindings(context, planned);
    if (!planned.plan) {
        tellObstacles(context, planned.blocking(spec.waivers));
        return ExitCode::Found;
    }
    TIDEMARK_CHECK(writePlan(context, *planned.plan));
    return ExitCode::Done;
}

/// "column=expression" of each, for the spec.
Result<QJsonArray> pairsOf(const Context &context, const char *option, const char *second)
{
    QJsonArray array;
    for (const QString &text : context.options.values(QLatin1String(option))) {
        const auto sign = text.indexOf(QLatin1Char('='));
        if (sign < 1) {
            return fail(Error::input(
                QStringLiteral("--%1 %2 names no column").arg(QLatin1String(option), text),
                QStringLiteral("Write --%1 column=%2.").arg(QLatin1String(option), QLatin1String(second))));
        }
        array.append(QJsonObject{{QStringLiteral("column"), text.left(sign).trimmed()},
                                 {QLatin1String(second), text.mid(sign + 1)}});
    }
    return array;
}

Result<BackfillSpec> backfillSpec(const Context &context)
{
    QJsonObject json;
    TIDEMARK_CHECK(readWish(context, json));
    if (context.options.isSet(QStringLiteral("from"))) {
        const QString from = context.options.value(QStringLiteral("from"));
        const auto name = pg::QualifiedName::parse(from);
        if (!name)
            return fail(Error::input(QStringLiteral("“%1” is no table's name").arg(from)));
        json.insert(QStringLiteral("from_schema"), name->schema.isEmpty() ? QStringLiteral("public") : name->schema);
        json.insert(QStringLiteral("from_table"), name->name);
    }
    if (context.options.isSet(QStringLiteral("set"))) {
        TIDEMARK_TRY(const QJsonArray set, pairsOf(context, "set", "expression"));
        json.insert(QStringLiteral("set"), set);
    }
    if (context.options.isSet(QStringLiteral("add"))) {
        TIDEMARK_TRY(const QJsonArray add, pairsOf(context, "add", "type"));
        json.insert(QStringLiteral("add"), add);
    }
    if (context.options.isSet(QStringLiteral("where")))
        json.insert(QStringLiteral("where"), context.options.value(QStringLiteral("where")));
    if (context.options.isSet(QStringLiteral("not-null")))
        json.insert(QStringLiteral("not_null"), true);
    if (context.options.isSet(QStringLiteral("keep-up")))
        json.insert(QStringLiteral("keep_up"), true);
    if (context.options.isSet(QStringLiteral("no-undo")))
        json.insert(QStringLiteral("keep_old"), false);
    return BackfillSpec::fromJson(json);
}

Result<ExitCode> planBackfillVerb(const Context &context)
{
    TIDEMARK_TRY(const BackfillSpec spec, backfillSpec(context));
    TIDEMARK_TRY(pg::Session session, openForPlanning(context));
    TIDEMARK_TRY(const Plan plan, backfill::planBackfill(session, spec, planningCall()));
    TIDEMARK_CHECK(writePlan(context, plan));
    return ExitCode::Done;
}

Result<ExitCode> plan(const Context &context)
{
    const QString kind = context.arguments.value(0);
    if (kind != QLatin1String("materialize") && context.arguments.size() > 2)
        return fail(Error::input(QStringLiteral("a plan of kind “%1” is about one table").arg(kind)));
    if (kind == QLatin1String("stage"))
        return planStageVerb(context);
    if (kind == QLatin1String("backfill"))
        return planBackfillVerb(context);
    if (kind == QLatin1String("materialize"))
        return planMaterializeVerb(context);
    return fail(Error::input(QStringLiteral("there is no plan of kind “%1”").arg(kind),
                             QStringLiteral("There is: stage, backfill, materialize.")));
}

} // namespace

Verb planVerb()
{
    const auto option = [](const char *name, const char *text, const char *value = "") {
        return QCommandLineOption(QLatin1String(name), QLatin1String(text), QLatin1String(value));
    };
    return {QStringLiteral("plan"),
            QStringLiteral("make a plan to look at, keep and run; changes nothing"),
            QStringLiteral("stage TABLE | backfill TABLE | materialize VIEW…"),
            {option("spec", "The wish as a JSON file; the options below go over it.", "FILE"),
             option("by", "The column to partition by.", "COLUMN"),
             option("every", "How wide a partition is: \"1 month\", \"7 days\", 100000.", "WIDTH"),
             option("shape", "native (default), hypertable, or same for a rebuild.", "SHAPE"),
             option("strategy", "copy (default), or attach: the table becomes a partition where it is.", "STRATEGY"),
             option("free-disk", "Bytes free where the table is; a plan that needs more is refused.", "BYTES"),
             option("compare", "Print what each strategy would take, instead of a plan."),
             option("premake", "Partitions made beyond the newest; 3 by default.", "N"),
             option("no-default", "Make no default partition."),
             option("time-zone",
                    "Whose midnights bound the partitions, in which definitions are computed; UTC by default.", "ZONE"),
             option("key", "The unique key to capture changes by, columns with commas; materialize: VIEW=COLUMNS.",
                    "COLUMNS"),
             option("mirror", "Let each change reach the new table in its own transaction."),
             option("waive", "Accept losing this, as named by the plan; may be given several times.", "OBJECT"),
             option("set", "backfill: fill this column by this expression; may be given several times.",
                    "COLUMN=EXPRESSION"),
             option("where", "backfill: which rows; by default those with a NULL in such a column.", "CONDITION"),
             option("from", "backfill: add rows made from those of this table.", "TABLE"),
             option("add", "backfill: make this column first; may be given several times.", "COLUMN=TYPE"),
             option("not-null", "backfill: declare the columns NOT NULL afterwards."),
             option("keep-up", "backfill: let rows that are written meanwhile come filled, by a trigger."),
             option("no-undo", "backfill: do not keep the old values."),
             option("unlogged", "materialize: tables that a crash of the server empties, until their next refresh."),
             option("index", "materialize: this index, instead of those proposed for the view.", "VIEW=USING …"),
             option("query", "materialize: time this query before and after; may be given several times.", "SELECT …"),
             option("keep-views", "materialize: leave materialized views reading the definitions."),
             option("propose", "materialize: print the spec with all that is proposed, to be edited, not a plan."),
             QCommandLineOption({QStringLiteral("o"), QStringLiteral("output")},
                                QStringLiteral("Write the plan to a file."), QStringLiteral("FILE")),
             option("database", "The database, where the profile has several.", "NAME")},
            [](const Context &context) {
                const auto done = plan(context);
                return done ? *done : context.fail(done.error());
            },
            100};
}

} // namespace tidemark::cli
