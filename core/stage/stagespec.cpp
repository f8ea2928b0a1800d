// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stage/stagespec.h"

#include <QJsonArray>
#include <QRegularExpression>

#include <array>

namespace tidemark::stage {

namespace {

struct UnitWord
{
    StepUnit unit;
    const char *word;
};

constexpr std::array units{UnitWord{StepUnit::Hour, "hour"},       UnitWord{StepUnit::Day, "day"},
                           UnitWord{StepUnit::Week, "week"},       UnitWord{StepUnit::Month, "month"},
                           UnitWord{StepUnit::Quarter, "quarter"}, UnitWord{StepUnit::Year, "year"}};

constexpr std::array shapes{"same", "native", "hypertable"};
constexpr std::array strategies{"copy", "attach"};

Result<ShadowShape> shapeOf(const QString &word)
{
    for (std::size_t index = 0; index < shapes.size(); ++index) {
        if (word == QLatin1String(shapes.at(index)))
            return static_cast<ShadowShape>(index);
    }
    return fail(Error::input(QStringLiteral("“%1” is no shape").arg(word),
                             QStringLiteral("It is one of same, native, hypertable.")));
}

Result<Strategy> strategyOf(const QString &word)
{
    for (std::size_t index = 0; index < strategies.size(); ++index) {
        if (word == QLatin1String(strategies.at(index)))
            return static_cast<Strategy>(index);
    }
    return fail(
        Error::input(QStringLiteral("“%1” is no strategy").arg(word), QStringLiteral("It is one of copy, attach.")));
}

} // namespace

QString strategyWord(Strategy strategy)
{
    return QLatin1String(strategies.at(static_cast<std::size_t>(strategy)));
}

QString shapeWord(ShadowShape shape)
{
    return QLatin1String(shapes.at(static_cast<std::size_t>(shape)));
}

Result<PartitionStep> parseStep(const QString &text)
{
    static const QRegularExpression form(QStringLiteral("^\\s*(\\d+)?\\s*([a-z]*?)s?\\s*$"),
                                         QRegularExpression::CaseInsensitiveOption);
    const auto match = form.match(text);
    const QString word = match.captured(2).toLower();
    bool isNumber = true;
    const qint64 count = match.captured(1).isEmpty() ? 1 : match.captured(1).toLongLong(&isNumber);
    if (match.hasMatch() && isNumber && count > 0) {
        if (word.isEmpty() && !match.captured(1).isEmpty())
            return PartitionStep{StepUnit::Integer, count};
        for (const UnitWord &unit : units) {
            if (word == QLatin1String(unit.word))
                return PartitionStep{unit.unit, count};
        }
    }
    return fail(Error::input(QStringLiteral("“%1” is no width of a partition").arg(text),
                             QStringLiteral("Write hour, day, week, month, quarter or year with a number before it, or "
                                            "a number alone for an integer column.")));
}

QString stepText(const PartitionStep &step)
{
    if (step.unit == StepUnit::Integer)
        return QString::number(step.count);
    for (const UnitWord &unit : units) {
        if (unit.unit == step.unit) {
            return QStringLiteral("%1 %2%3")
                .arg(step.count)
                .arg(QLatin1String(unit.word), step.count == 1 ? QString() : QStringLiteral("s"));
        }
    }
    return {};
}

QJsonObject StageSpec::toJson() const
{
    QStringList waived(waivers.begin(), waivers.end());
    waived.sort();
    return {{QStringLiteral("schema"), table.schema},
            {QStringLiteral("table"), table.name},
            {QStringLiteral("strategy"), strategyWord(strategy)},
            {QStringLiteral("shape"), shapeWord(shape)},
            {QStringLiteral("by"), keyColumn},
            {QStringLiteral("every"), stepText(step)},
            {QStringLiteral("premake"), premake},
            {QStringLiteral("default_partition"), withDefault},
            {QStringLiteral("time_zone"), timeZone},
            {QStringLiteral("mirror"), capture == CaptureMode::Mirror},
            {QStringLiteral("key"), QJsonArray::fromStringList(captureKey)},
            {QStringLiteral("free_disk"), freeDisk ? QJsonValue(*freeDisk) : QJsonValue()},
            {QStringLiteral("waive"), QJsonArray::fromStringList(waived)}};
}

Result<StageSpec> StageSpec::fromJson(const QJsonObject &json)
{
    static const QStringList known{QStringLiteral("schema"),    QStringLiteral("table"),
                                   QStringLiteral("strategy"),  QStringLiteral("shape"),
                                   QStringLiteral("by"),        QStringLiteral("every"),
                                   QStringLiteral("premake"),   QStringLiteral("default_partition"),
                                   QStringLiteral("time_zone"), QStringLiteral("mirror"),
                                   QStringLiteral("key"),       QStringLiteral("free_disk"),
                                   QStringLiteral("waive")};
    for (const QString &key : json.keys()) {
        if (!known.contains(key)) {
            return fail(Error::input(QStringLiteral("a staged migration has no option “%1”").arg(key),
                                     QStringLiteral("It has: %1.").arg(known.join(QLatin1String(", ")))));
        }
    }
    StageSpec spec;
    spec.table = {json.value(QStringLiteral("schema")).toString(QStringLiteral("public")),
                  json.value(QStringLiteral("table")).toString()};
    if (spec.table.name.isEmpty())
        return fail(Error::input(QStringLiteral("the spec names no table")));
    TIDEMARK_TRY(spec.strategy, strategyOf(json.value(QStringLiteral("strategy")).toString(QStringLiteral("copy"))));
    TIDEMARK_TRY(spec.shape, shapeOf(json.value(QStringLiteral("shape")).toString(QStringLiteral("native"))));
    spec.keyColumn = json.value(QStringLiteral("by")).toString();
    if (spec.shape != ShadowShape::Same && spec.keyColumn.isEmpty())
        return fail(
            Error::input(QStringLiteral("the spec names no column to partition %1 by").arg(spec.table.display())));
    TIDEMARK_TRY(spec.step, parseStep(json.value(QStringLiteral("every")).toString(QStringLiteral("1 month"))));
    spec.premake = json.value(QStringLiteral("premake")).toInt(spec.premake);
    if (spec.premake < 0)
        return fail(Error::input(QStringLiteral("premake is a number of partitions, 0 or more")));
    spec.withDefault = json.value(QStringLiteral("default_partition")).toBool(true);
    spec.timeZone = json.value(QStringLiteral("time_zone")).toString();
    if (!spec.timeZone.isEmpty() && !QTimeZone(spec.timeZone.toUtf8()).isValid())
        return fail(Error::input(QStringLiteral("“%1” is no time zone").arg(spec.timeZone),
                                 QStringLiteral("Write it as Europe/Oslo.")));
    spec.capture = json.value(QStringLiteral("mirror")).toBool() ? CaptureMode::Mirror : CaptureMode::Keys;
    if (spec.strategy == Strategy::Attach && spec.shape == ShadowShape::Same)
        return fail(Error::input(QStringLiteral("a table of the same shape is copied, there is nothing to attach to")));
    if (const QJsonValue bytes = json.value(QStringLiteral("free_disk")); !bytes.isNull() && !bytes.isUndefined()) {
        if (!bytes.isDouble() || bytes.toInteger() < 0)
            return fail(Error::input(QStringLiteral("free_disk is a number of bytes")));
        spec.freeDisk = bytes.toInteger();
    }
    for (const QJsonValue &column : json.value(QStringLiteral("key")).toArray())
        spec.captureKey << column.toString();
    for (const QJsonValue &waiver : json.value(QStringLiteral("waive")).toArray())
        spec.waivers << waiver.toString();
    return spec;
}

std::vector<Obstacle> StagePlan::blocking(const QSet<QString> &waivers) const
{
    std::vector<Obstacle> found;
    for (const Obstacle &obstacle : obstacles) {
        const bool isWaived = obstacle.gravity == Obstacle::Gravity::Loses && waivers.contains(obstacle.object);
        if (obstacle.gravity != Obstacle::Gravity::Changes && !isWaived)
            found.push_back(obstacle);
    }
    return found;
}

} // namespace tidemark::stage
