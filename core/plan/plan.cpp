// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/plan.h"

#include <QCryptographicHash>
#include <QJsonArray>
#include <QJsonDocument>
#include <QTextStream>

#include <algorithm>

namespace tidemark {

namespace {

constexpr int version = 1;

QJsonArray stepsToJson(const std::vector<Step> &steps)
{
    QJsonArray array;
    for (const Step &step : steps)
        array.append(step.toJson());
    return array;
}

QJsonObject targetToJson(const PlanTarget &target)
{
    return {{QStringLiteral("system_identifier"), target.systemIdentifier},
            {QStringLiteral("database_oid"), static_cast<qint64>(target.databaseOid)},
            {QStringLiteral("database"), target.database}};
}

QString transactionText(StepTransaction transaction)
{
    switch (transaction) {
    case StepTransaction::One:
        return QStringLiteral("one transaction");
    case StepTransaction::None:
        return QStringLiteral("outside a transaction");
    case StepTransaction::Own:
        return QStringLiteral("transactions of its own, each recorded");
    }
    return {};
}

void printLocks(QTextStream &out, const std::vector<StepLock> &locks)
{
    for (const StepLock &lock : locks)
        out << "--   lock: " << lockModeSql(lock.mode) << " on " << lock.relation.display() << '\n';
}

/// SQL as it is, each of its lines a comment.
void printCheck(QTextStream &out, const char *when, const Check &check)
{
    out << "--   " << when << ": " << check.otherwise << '\n';
    for (const QString &line : check.sql.split(QLatin1Char('\n')))
        out << "--     " << line << '\n';
}

void printStatements(QTextStream &out, const QStringList &statements)
{
    for (const QString &statement : statements)
        out << statement << (statement.trimmed().endsWith(QLatin1Char(';')) ? "\n" : ";\n");
}

} // namespace

PlanTarget PlanTarget::of(const pg::Capabilities &capabilities)
{
    return {capabilities.systemIdentifier, capabilities.databaseOid, capabilities.database};
}

QString Plan::fingerprint() const
{
    // QJsonObject keeps its keys sorted, so the compact form is one form.
    const QJsonObject decisive{{QStringLiteral("kind"), kind},
                               {QStringLiteral("target"), targetToJson(target)},
                               {QStringLiteral("steps"), stepsToJson(steps)}};
    return QString::fromLatin1(
        QCryptographicHash::hash(QJsonDocument(decisive).toJson(QJsonDocument::Compact), QCryptographicHash::Sha256)
            .toHex());
}

const Step *Plan::lastPointOfNoReturn() const
{
    const auto found = std::find_if(steps.rbegin(), steps.rend(),
                                    [](const Step &step) { return step.pointOfNoReturn; });
    return found == steps.rend() ? nullptr : &*found;
}

QJsonObject Plan::toJson() const
{
    return {
        {QStringLiteral("version"), version},
        {QStringLiteral("kind"), kind},
        {QStringLiteral("title"), title},
        {QStringLiteral("target"), targetToJson(target)},
        {QStringLiteral("spec"), spec},
        {QStringLiteral("notes"), QJsonArray::fromStringList(notes)},
        {QStringLiteral("steps"), stepsToJson(steps)},
        {QStringLiteral("fingerprint"), fingerprint()},
    };
}

Result<Plan> Plan::fromJson(const QJsonObject &json)
{
    if (const int is = json.value(QStringLiteral("version")).toInt(); is != version) {
        return fail(Error::input(QStringLiteral("not a plan of version %1").arg(version),
                                 is > version ? QStringLiteral("It was made by a later Tidemark: update this one.")
                                              : QStringLiteral("Make one with “tidemarkctl plan … -o PLAN.json”.")));
    }
    Plan plan;
    plan.kind = json.value(QStringLiteral("kind")).toString();
    plan.title = json.value(QStringLiteral("title")).toString();
    const QJsonObject target = json.value(QStringLiteral("target")).toObject();
    plan.target = {target.value(QStringLiteral("system_identifier")).toString(),
                   static_cast<quint32>(target.value(QStringLiteral("database_oid")).toInteger()),
                   target.value(QStringLiteral("database")).toString()};
    plan.spec = json.value(QStringLiteral("spec")).toObject();
    for (const QJsonValue &note : json.value(QStringLiteral("notes")).toArray())
        plan.notes << note.toString();
    for (const QJsonValue &value : json.value(QStringLiteral("steps")).toArray()) {
        TIDEMARK_TRY(Step step, Step::fromJson(value.toObject()));
        const bool isDouble = std::any_of(plan.steps.begin(), plan.steps.end(),
                                          [&](const Step &other) { return other.name == step.name; });
        if (isDouble)
            return fail(Error::input(QStringLiteral("two steps are named %1").arg(step.name)));
        plan.steps.push_back(std::move(step));
    }
    if (json.value(QStringLiteral("fingerprint")).toString() != plan.fingerprint()) {
        return fail(
            Error::input(QStringLiteral("the plan's fingerprint is not that of its steps: it was changed by hand"),
                         QStringLiteral("Make the plan anew; what is run is what was confirmed.")));
    }
    return plan;
}

Result<Plan> Plan::parse(const QByteArray &json)
{
    QJsonParseError error;
    const QJsonDocument document = QJsonDocument::fromJson(json, &error);
    if (!document.isObject())
        return fail(
            Error::input(QStringLiteral("not a plan: %1 at byte %2").arg(error.errorString()).arg(error.offset)));
    return fromJson(document.object());
}

QString Plan::preview() const
{
    QString text;
    QTextStream out(&text);
    out << "-- " << title << '\n';
    out << "-- database " << target.database << ", " << steps.size() << " steps, fingerprint "
        << fingerprint().first(12) << '\n';
    for (const QString &note : notes)
        out << "-- note: " << note << '\n';
    if (const Step *last = lastPointOfNoReturn())
        out << "-- can be undone until “" << last->title << "”\n";
    else
        out << "-- can be undone at any time\n";
    int number = 0;
    for (const Step &step : steps) {
        out << "\n-- " << ++number << ". " << step.title << "  [" << step.name << "; risk " << riskWord(step.risk)
            << "; " << transactionText(step.transaction) << "]\n";
        if (step.hold)
            out << "--   waits for your word\n";
        if (step.pointOfNoReturn)
            out << "--   cannot be undone\n";
        printLocks(out, step.locks);
        for (const Check &check : step.checks)
            printCheck(out, "before", check);
        printStatements(out, step.statements);
        for (const Check &check : step.verify)
            printCheck(out, "after", check);
    }
    const bool hasUndo = std::any_of(steps.begin(), steps.end(), [](const Step &step) { return !step.undo.isEmpty(); });
    if (hasUndo) {
        out << "\n-- undo, backwards from where it stands\n";
        for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
            if (step->undo.isEmpty())
                continue;
            out << "\n-- of “" << step->title << "”\n";
            printLocks(out, step->undoLocks);
            printStatements(out, step->undo);
        }
    }
    return text;
}

} // namespace tidemark
