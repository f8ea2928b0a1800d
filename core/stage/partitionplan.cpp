// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stage/partitionplan.h"

#include "core/ddl/identifiers.h"

#include <QCoreApplication>
#include <QDateTime>

#include <algorithm>
#include <limits>

namespace tidemark::stage {

namespace {

constexpr int mostPartitions = 10'000;
constexpr qint64 microsPerSecond = 1'000'000;
constexpr qint64 microsPerHour = 3'600 * microsPerSecond;

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(PartitionPlan)
};

enum class KeyKind { WithZone, WithoutZone, Date, Integer, Other };

KeyKind kindOf(const QString &type)
{
    if (type.startsWith(QLatin1String("timestamp")))
        return type.endsWith(QLatin1String("with time zone")) ? KeyKind::WithZone : KeyKind::WithoutZone;
    if (type == QLatin1String("date"))
        return KeyKind::Date;
    if (type == QLatin1String("bigint") || type == QLatin1String("integer") || type == QLatin1String("smallint"))
        return KeyKind::Integer;
    return KeyKind::Other;
}

qint64 floorDiv(qint64 value, qint64 divisor)
{
    return value / divisor - (value % divisor != 0 && (value < 0) != (divisor < 0) ? 1 : 0);
}

/// Steps of a calendar, numbered from 1970: where each begins and what its partition is called.
class Calendar
{
public:
    Calendar(PartitionStep step, const QTimeZone &zone)
        : m_step(step)
        , m_zone(zone)
    {
    }

    [[nodiscard]] qint64 indexOf(Instant instant) const
    {
        const qint64 micros = toEpochMicros(instant);
        if (m_step.unit == StepUnit::Hour)
            return floorDiv(floorDiv(micros, microsPerHour), m_step.count);
        const QDateTime local = QDateTime::fromMSecsSinceEpoch(floorDiv(micros, 1'000), Qt::UTC).toTimeZone(m_zone);
        return floorDiv(unitsSince1970(local.date()), m_step.count);
    }

    /// Whether the step begins in a year that is written with four digits.
    [[nodiscard]] bool has(qint64 index) const
    {
        const QDate date = m_step.unit == StepUnit::Hour ? QDate(1970, 1, 1).addDays(floorDiv(index * m_step.count, 24))
                                                         : dateOf(index);
        return date.isValid() && date.year() >= 1 && date.year() <= 9999;
    }

    [[nodiscard]] Instant startOf(qint64 index) const
    {
        if (m_step.unit == StepUnit::Hour)
            return fromEpochMicros(index * m_step.count * microsPerHour);
        // A zone that crosses the date line skips a whole day: Samoa had no 30 December 2011.
        QDate date = dateOf(index);
        while (!date.startOfDay(m_zone).isValid())
            date = date.addDays(1);
        return fromEpochMicros(date.startOfDay(m_zone).toMSecsSinceEpoch() * 1'000);
    }

    [[nodiscard]] QString suffixOf(qint64 index) const
    {
        if (m_step.unit == StepUnit::Hour)
            return QDateTime::fromMSecsSinceEpoch(index * m_step.count * 3'600'000, Qt::UTC)
                .toString(QStringLiteral("'p'yyyyMMdd'_'HH"));
        const QDate date = dateOf(index);
        switch (m_step.unit) {
        case StepUnit::Month:
            return date.toString(QStringLiteral("'p'yyyy'_'MM"));
        case StepUnit::Quarter:
            return date.toString(QStringLiteral("'p'yyyy'_q'")) + QString::number((date.month() + 2) / 3);
        case StepUnit::Year:
            return date.toString(QStringLiteral("'p'yyyy"));
        default:
            return date.toString(QStringLiteral("'p'yyyyMMdd"));
        }
    }

private:
    [[nodiscard]] qint64 unitsSince1970(QDate date) const
    {
        const qint64 months = (date.year() - 1970) * 12LL + date.month() - 1;
        switch (m_step.unit) {
        case StepUnit::Month:
            return months;
        case StepUnit::Quarter:
            return floorDiv(months, 3);
        case StepUnit::Year:
            return date.year() - 1970;
        case StepUnit::Week:
            return floorDiv(firstMonday.daysTo(date), 7);
        default:
            return QDate(1970, 1, 1).daysTo(date);
        }
    }

    [[nodiscard]] QDate dateOf(qint64 index) const
    {
        const qint64 units = index * m_step.count;
        switch (m_step.unit) {
        case StepUnit::Month:
            return QDate(1970, 1, 1).addMonths(static_cast<int>(units));
        case StepUnit::Quarter:
            return QDate(1970, 1, 1).addMonths(static_cast<int>(units * 3));
        case StepUnit::Year:
            return QDate(1970, 1, 1).addYears(static_cast<int>(units));
        case StepUnit::Week:
            return firstMonday.addDays(units * 7);
        default:
            return QDate(1970, 1, 1).addDays(units);
        }
    }

    inline static const QDate firstMonday{1970, 1, 5};
    PartitionStep m_step;
    QTimeZone m_zone;
};

QString boundText(Instant instant, KeyKind kind)
{
    const QString text = toPostgres(instant);
    if (kind == KeyKind::WithZone)
        return text;
    return kind == KeyKind::Date ? text.left(10) : text.chopped(3);
}

Result<std::vector<ShadowPartition>> ofTime(const PartitionPlan &plan, KeyKind kind)
{
    const QTimeZone zone = kind == KeyKind::WithZone ? plan.zone : QTimeZone::utc();
    const Calendar calendar(plan.step, zone);
    Instant lowest = plan.now;
    Instant highest = plan.now;
    if (!plan.lowest.isEmpty()) {
        const auto first = parseTimestamp(plan.lowest);
        const auto last = parseTimestamp(plan.highest);
        if (!first || !last)
            return fail(
                Error::input(Words::tr("\"%1\" and \"%2\" are not points in time").arg(plan.lowest, plan.highest),
                             Words::tr("Give the smallest and the largest value that partitions are wanted for; "
                                       "what lies outside goes to the default partition.")));
        lowest = std::min(*first, plan.now);
        highest = std::max(*last, plan.now);
    }
    if (plan.step.count > 1'000'000)
        return fail(Error::input(Words::tr("a partition of %1 steps is wider than any calendar").arg(plan.step.count)));
    // The server's calendar and ours agree from year 1 on; what is older belongs in the default partition.
    if (lowest < Instant(std::chrono::sys_days(std::chrono::year(1) / 1 / 1))
        || highest >= Instant(std::chrono::sys_days(std::chrono::year(9999) / 1 / 1)))
        return fail(Error::input(Words::tr("partitions by time are made for the years 1 to 9998"),
                                 Words::tr("Leave what lies outside to the default partition.")));
    const qint64 first = calendar.indexOf(lowest);
    const qint64 last = std::max(calendar.indexOf(highest), calendar.indexOf(plan.now) + plan.premake);
    if (last - first >= mostPartitions)
        return fail(Error::input(Words::tr("that would be more than %1 partitions").arg(mostPartitions),
                                 Words::tr("Take a wider step, or leave outliers to the default partition.")));
    if (!calendar.has(first) || !calendar.has(last + 1))
        return fail(Error::input(Words::tr("partitions by time are made for the years 1 to 9998"),
                                 Words::tr("Take a narrower step, or make fewer ahead.")));
    std::vector<ShadowPartition> partitions;
    for (qint64 index = first; index <= last; ++index) {
        if (calendar.startOf(index) < calendar.startOf(index + 1)) // not a day that was skipped
            partitions.push_back({ddl::madeName(plan.tableName, QLatin1Char('_') + calendar.suffixOf(index)),
                                  boundText(calendar.startOf(index), kind),
                                  boundText(calendar.startOf(index + 1), kind), false});
    }
    return partitions;
}

Result<std::vector<ShadowPartition>> ofIntegers(const PartitionPlan &plan)
{
    bool firstIsNumber = true;
    bool lastIsNumber = true;
    const qint64 lowest = plan.lowest.isEmpty() ? 0 : plan.lowest.toLongLong(&firstIsNumber);
    const qint64 highest = plan.highest.isEmpty() ? lowest : plan.highest.toLongLong(&lastIsNumber);
    if (!firstIsNumber || !lastIsNumber)
        return fail(Error::input(Words::tr("\"%1\" and \"%2\" are not integers").arg(plan.lowest, plan.highest)));
    const qint64 most = plan.keyType == QLatin1String("smallint")  ? std::numeric_limits<qint16>::max()
                        : plan.keyType == QLatin1String("integer") ? std::numeric_limits<qint32>::max()
                                                                   : std::numeric_limits<qint64>::max();
    const qint64 least = -most - 1;
    const qint64 width = plan.step.count;
    const qint64 first = floorDiv(lowest, width);
    // Ends past the type's own are MAXVALUE, so none is computed that does not fit.
    const qint64 end = floorDiv(most, width);
    const qint64 current = floorDiv(highest, width);
    const qint64 last = current + std::min<qint64>(plan.premake, end - current);
    const quint64 steps = static_cast<quint64>(last) - static_cast<quint64>(first);
    if (first > last || steps >= mostPartitions)
        return fail(Error::input(Words::tr("that would be more than %1 partitions").arg(mostPartitions),
                                 Words::tr("Take a wider step, or leave outliers to the default partition.")));
    std::vector<ShadowPartition> partitions;
    for (qint64 index = first; index <= last; ++index) {
        const bool reachesDown = index <= floorDiv(least, width);
        const bool reachesUp = index >= floorDiv(most, width);
        const QString from = reachesDown ? QString() : QString::number(index * width);
        const QString to = reachesUp ? QString() : QString::number((index + 1) * width);
        QString suffix = reachesDown ? QStringLiteral("low") : from;
        suffix.replace(QLatin1Char('-'), QLatin1Char('m'));
        partitions.push_back({ddl::madeName(plan.tableName, QStringLiteral("_p") + suffix), from, to, false});
    }
    return partitions;
}

} // namespace

Result<std::vector<ShadowPartition>> planPartitions(const PartitionPlan &plan)
{
    const KeyKind kind = kindOf(plan.keyType);
    const bool isInteger = plan.step.unit == StepUnit::Integer;
    if (kind == KeyKind::Other)
        return fail(Error::input(Words::tr("a column of type %1 is no range key").arg(plan.keyType),
                                 Words::tr("Choose a timestamptz, timestamp, date or integer column.")));
    if ((kind == KeyKind::Integer) != isInteger || (kind == KeyKind::Date && plan.step.unit == StepUnit::Hour))
        return fail(Error::input(Words::tr("this step does not divide a column of type %1").arg(plan.keyType)));
    if (plan.step.count < 1 || plan.premake < 0)
        return fail(
            Error::input(Words::tr("a partition is at least one step wide, and none are made less than none ahead")));
    TIDEMARK_TRY(std::vector<ShadowPartition> partitions, isInteger ? ofIntegers(plan) : ofTime(plan, kind));
    if (plan.withDefault)
        partitions.push_back({ddl::madeName(plan.tableName, QStringLiteral("_default")), {}, {}, true});
    return partitions;
}

QString describe(const PartitionPlan &plan)
{
    const int count = static_cast<int>(std::min<qint64>(plan.step.count, std::numeric_limits<int>::max()));
    QString every;
    switch (plan.step.unit) {
    case StepUnit::Hour:
        return plan.step.count == 1 ? Words::tr("one an hour, of UTC")
                                    : Words::tr("one every %n hour(s), of UTC", nullptr, count);
    case StepUnit::Day:
        every = plan.step.count == 1 ? Words::tr("one a day") : Words::tr("one every %n day(s)", nullptr, count);
        break;
    case StepUnit::Week:
        every = plan.step.count == 1 ? Words::tr("one a week from Monday")
                                     : Words::tr("one every %n week(s) from Monday", nullptr, count);
        break;
    case StepUnit::Month:
        every = plan.step.count == 1 ? Words::tr("one a month") : Words::tr("one every %n month(s)", nullptr, count);
        break;
    case StepUnit::Quarter:
        every = plan.step.count == 1 ? Words::tr("one a quarter")
                                     : Words::tr("one every %n quarter(s)", nullptr, count);
        break;
    case StepUnit::Year:
        every = plan.step.count == 1 ? Words::tr("one a year") : Words::tr("one every %n year(s)", nullptr, count);
        break;
    case StepUnit::Integer:
        return Words::tr("one for every %1 values").arg(plan.step.count);
    }
    if (kindOf(plan.keyType) != KeyKind::WithZone)
        return every;
    return Words::tr("%1, from midnight in %2").arg(every, QString::fromUtf8(plan.zone.id()));
}

} // namespace tidemark::stage
