// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/changing.h"
#include "app/cli/verbs.h"
#include "core/backfill/backfillspec.h"
#include "core/base/printable.h"
#include "core/stage/stagespec.h"

#include <QFile>
#include <QJsonDocument>
#include <QSaveFile>

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

Result<QJsonObject> readSpec(const QString &name)
{
    QFile file(name);
    if (!file.open(QIODevice::ReadOnly))
        return fail(Error::local(QStringLiteral("%1: %2").arg(name, file.errorString())));
    QJsonParseError error;
    const QJsonDocument document = QJsonDocument::fromJson(file.readAll(), &error);
    if (!document.isObject())
        return fail(Error::input(QStringLiteral("%1 holds no JSON object: %2").arg(name, error.errorString())));
    return document.object();
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
    for (const char *option : {"by", "every", "shape"}) {
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

Status writePlan(const Context &context, const Plan &plan)
{
    const QByteArray json = QJsonDocument(plan.toJson()).toJson();
    const QString name = context.options.value(QStringLiteral("output"));
    if (name.isEmpty()) {
        context.out << (context.json ? printableJson(QString::fromUtf8(json)) : printable(plan.preview(), Lines::Kept))
                    << Qt::flush;
        return {};
    }
    QSaveFile file(name);
    if (!file.open(QIODevice::WriteOnly) || file.write(json) != json.size() || !file.commit())
        return fail(Error::local(QStringLiteral("%1: %2").arg(name, file.errorString())));
    if (!context.json)
        context.out << printable(plan.preview(), Lines::Kept) << Qt::flush;
    context.err << "The plan is in " << name << ". “tidemarkctl run " << name << "” runs it." << Qt::endl;
    return {};
}

/// Planning only reads; definitions of what depends on the table may take a while.
constexpr Millis planningTakes{10 * 60 * 1000};

Result<pg::Session> openForPlanning(const Context &context)
{
    TIDEMARK_TRY(const ChangeTarget target, changeTarget(context));
    pg::SessionOptions options;
    options.applicationName = QStringLiteral("tidemarkctl");
    options.lockTimeout = Millis(5'000);
    options.statementTimeout = planningTakes;
    return pg::Session::open(target.server, options);
}

pg::CallOptions planningCall()
{
    pg::CallOptions call;
    call.deadline = planningTakes;
    return call;
}

Result<ExitCode> planStageVerb(const Context &context)
{
    TIDEMARK_TRY(const StageSpec spec, stageSpec(context));
    TIDEMARK_TRY(pg::Session session, openForPlanning(context));
    TIDEMARK_TRY(const stage::StagePlan planned, stage::planStage(session, spec, planningCall()));
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
    if (kind == QLatin1String("stage"))
        return planStageVerb(context);
    if (kind == QLatin1String("backfill"))
        return planBackfillVerb(context);
    return fail(Error::input(QStringLiteral("there is no plan of kind “%1”").arg(kind),
                             QStringLiteral("There is: stage, backfill.")));
}

} // namespace

Verb planVerb()
{
    const auto option = [](const char *name, const char *text, const char *value = "") {
        return QCommandLineOption(QLatin1String(name), QLatin1String(text), QLatin1String(value));
    };
    return {QStringLiteral("plan"),
            QStringLiteral("make a plan to look at, keep and run; changes nothing"),
            QStringLiteral("stage TABLE | backfill TABLE"),
            {option("spec", "The wish as a JSON file; the options below go over it.", "FILE"),
             option("by", "The column to partition by.", "COLUMN"),
             option("every", "How wide a partition is: \"1 month\", \"7 days\", 100000.", "WIDTH"),
             option("shape", "native (default), hypertable, or same for a rebuild.", "SHAPE"),
             option("premake", "Partitions made beyond the newest; 3 by default.", "N"),
             option("no-default", "Make no default partition."),
             option("time-zone", "Whose midnights bound the partitions; UTC by default.", "ZONE"),
             option("key", "The unique key to capture changes by, columns with commas.", "COLUMNS"),
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
             QCommandLineOption({QStringLiteral("o"), QStringLiteral("output")},
                                QStringLiteral("Write the plan to a file."), QStringLiteral("FILE")),
             option("database", "The database, where the profile has several.", "NAME")},
            [](const Context &context) {
                const auto done = plan(context);
                return done ? *done : context.fail(done.error());
            },
            2};
}

} // namespace tidemark::cli
