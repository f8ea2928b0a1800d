// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/step.h"

#include "core/base/words.h"

#include <QJsonArray>

#include <array>

namespace tidemark {

namespace {

constexpr std::array risks{Word{Risk::None, "none"}, Word{Risk::Low, "low"}, Word{Risk::Medium, "medium"},
                           Word{Risk::High, "high"}};
constexpr std::array transactions{Word{StepTransaction::One, "one"}, Word{StepTransaction::None, "none"},
                                  Word{StepTransaction::Own, "own"}};

template<typename Words>
auto readWord(const Words &words, const QJsonObject &json, const char *key) -> Result<decltype(words.front().value)>
{
    const QString text = json.value(QLatin1String(key)).toString();
    if (const auto value = valueOf(words, text))
        return *value;
    return fail(Error::input(QStringLiteral("“%1” is no value of a step's %2").arg(text, QLatin1String(key))));
}

QJsonArray locksToJson(const std::vector<StepLock> &locks)
{
    QJsonArray array;
    for (const StepLock &lock : locks) {
        array.append(QJsonObject{{QStringLiteral("schema"), lock.relation.schema},
                                 {QStringLiteral("name"), lock.relation.name},
                                 {QStringLiteral("mode"), lockModeSql(lock.mode)}});
    }
    return array;
}

Result<std::vector<StepLock>> locksFromJson(const QJsonValue &json)
{
    std::vector<StepLock> locks;
    for (const QJsonValue &value : json.toArray()) {
        const QJsonObject lock = value.toObject();
        const auto mode = lockModeFromSql(lock.value(QStringLiteral("mode")).toString());
        if (!mode)
            return fail(Error::input(
                QStringLiteral("“%1” is no lock mode").arg(lock.value(QStringLiteral("mode")).toString())));
        locks.push_back(
            {{lock.value(QStringLiteral("schema")).toString(), lock.value(QStringLiteral("name")).toString()}, *mode});
    }
    return locks;
}

QJsonArray checksToJson(const std::vector<Check> &checks)
{
    QJsonArray array;
    for (const Check &check : checks) {
        array.append(QJsonObject{{QStringLiteral("sql"), check.sql}, {QStringLiteral("otherwise"), check.otherwise}});
    }
    return array;
}

std::vector<Check> checksFromJson(const QJsonValue &json)
{
    std::vector<Check> checks;
    for (const QJsonValue &value : json.toArray()) {
        const QJsonObject check = value.toObject();
        checks.push_back(
            {check.value(QStringLiteral("sql")).toString(), check.value(QStringLiteral("otherwise")).toString()});
    }
    return checks;
}

QStringList textsFromJson(const QJsonValue &json)
{
    QStringList texts;
    for (const QJsonValue &value : json.toArray())
        texts << value.toString();
    return texts;
}

} // namespace

QString riskWord(Risk risk)
{
    return wordOf(risks, risk);
}

QJsonObject Step::toJson() const
{
    return {
        {QStringLiteral("name"), name},
        {QStringLiteral("action"), action},
        {QStringLiteral("title"), title},
        {QStringLiteral("risk"), riskWord(risk)},
        {QStringLiteral("transaction"), wordOf(transactions, transaction)},
        {QStringLiteral("locks"), locksToJson(locks)},
        {QStringLiteral("checks"), checksToJson(checks)},
        {QStringLiteral("statements"), QJsonArray::fromStringList(statements)},
        {QStringLiteral("verify"), checksToJson(verify)},
        {QStringLiteral("satisfied"), satisfied},
        {QStringLiteral("cleanup"), QJsonArray::fromStringList(cleanup)},
        {QStringLiteral("undo"), QJsonArray::fromStringList(undo)},
        {QStringLiteral("undo_transaction"), wordOf(transactions, undoTransaction)},
        {QStringLiteral("undo_locks"), locksToJson(undoLocks)},
        {QStringLiteral("point_of_no_return"), pointOfNoReturn},
        {QStringLiteral("hold"), hold},
        {QStringLiteral("attempts"), attempts},
        {QStringLiteral("parameters"), parameters},
    };
}

Result<Step> Step::fromJson(const QJsonObject &json)
{
    Step step;
    step.name = json.value(QStringLiteral("name")).toString();
    if (step.name.isEmpty())
        return fail(Error::input(QStringLiteral("a step without a name")));
    const auto read = [&]() -> Status {
        step.action = json.value(QStringLiteral("action")).toString();
        step.title = json.value(QStringLiteral("title")).toString();
        TIDEMARK_TRY(step.risk, readWord(risks, json, "risk"));
        TIDEMARK_TRY(step.transaction, readWord(transactions, json, "transaction"));
        TIDEMARK_TRY(step.locks, locksFromJson(json.value(QStringLiteral("locks"))));
        step.checks = checksFromJson(json.value(QStringLiteral("checks")));
        step.statements = textsFromJson(json.value(QStringLiteral("statements")));
        step.verify = checksFromJson(json.value(QStringLiteral("verify")));
        step.satisfied = json.value(QStringLiteral("satisfied")).toString();
        step.cleanup = textsFromJson(json.value(QStringLiteral("cleanup")));
        step.undo = textsFromJson(json.value(QStringLiteral("undo")));
        TIDEMARK_TRY(step.undoTransaction, readWord(transactions, json, "undo_transaction"));
        TIDEMARK_TRY(step.undoLocks, locksFromJson(json.value(QStringLiteral("undo_locks"))));
        step.pointOfNoReturn = json.value(QStringLiteral("point_of_no_return")).toBool();
        step.hold = json.value(QStringLiteral("hold")).toBool();
        step.attempts = json.value(QStringLiteral("attempts")).toInt(1);
        step.parameters = json.value(QStringLiteral("parameters")).toObject();
        return {};
    };
    if (const auto done = read(); !done)
        return fail(done.error().within(QStringLiteral("step %1").arg(step.name)));
    return step;
}

} // namespace tidemark
