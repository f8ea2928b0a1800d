// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/cron.h"

#include <QDateTime>
#include <QHash>
#include <QRegularExpression>
#include <QStringList>

#include <array>
#include <vector>

namespace tidemark {

namespace {

constexpr int daysToSearch = 8 * 366; // 29 February may be eight years away

struct Field
{
    const char *name;
    int lowest;
    int highest;
    QStringList names; ///< of `lowest` and those that follow
};

const Field &field(int index)
{
    static const QString months = QStringLiteral("jan feb mar apr may jun jul aug sep oct nov dec");
    static const QString days = QStringLiteral("sun mon tue wed thu fri sat");
    static const std::array<Field, 5> fields{{
        {"minute", 0, 59, {}},
        {"hour", 0, 23, {}},
        {"day of month", 1, 31, {}},
        {"month", 1, 12, months.split(QLatin1Char(' '))},
        {"day of week", 0, 7, days.split(QLatin1Char(' '))},
    }};
    return fields[static_cast<std::size_t>(index)];
}

std::optional<int> valueOf(const QString &word, const Field &field)
{
    bool isNumber = false;
    const int number = word.toInt(&isNumber);
    if (isNumber && word.front().isDigit())
        return number >= field.lowest && number <= field.highest ? std::optional(number) : std::nullopt;
    const auto position = field.names.indexOf(word.toLower());
    return position < 0 ? std::nullopt : std::optional(static_cast<int>(position) + field.lowest);
}

/// One part of a list: "*", "5", "1-5", "mon-fri", each but the second with "/2".
std::optional<std::vector<int>> valuesOf(const QString &part, const Field &field)
{
    static const QRegularExpression form(QStringLiteral("^(?:(\\*)|(\\w+)(?:-(\\w+))?)(?:/(\\d+))?$"));
    const auto match = form.match(part);
    if (!match.hasMatch())
        return std::nullopt;
    int from = field.lowest;
    int to = field.lowest == 0 && field.highest == 7 ? 6 : field.highest;
    const QString step = match.captured(4);
    if (match.captured(1).isEmpty()) {
        const auto first = valueOf(match.captured(2), field);
        const bool isRange = !match.captured(3).isEmpty();
        const auto last = isRange ? valueOf(match.captured(3), field) : first;
        if (!first || !last || *last < *first || (!isRange && !step.isEmpty()))
            return std::nullopt;
        from = *first;
        to = *last;
    }
    const int stride = step.isEmpty() ? 1 : step.toInt();
    if (stride < 1)
        return std::nullopt;
    std::vector<int> values;
    for (int value = from; value <= to; value += stride)
        values.push_back(value);
    return values;
}

} // namespace

Result<Cron> Cron::parse(const QString &text)
{
    static const QHash<QString, QString> macros{
        {QStringLiteral("@yearly"), QStringLiteral("0 0 1 1 *")},
        {QStringLiteral("@annually"), QStringLiteral("0 0 1 1 *")},
        {QStringLiteral("@monthly"), QStringLiteral("0 0 1 * *")},
        {QStringLiteral("@weekly"), QStringLiteral("0 0 * * 0")},
        {QStringLiteral("@daily"), QStringLiteral("0 0 * * *")},
        {QStringLiteral("@midnight"), QStringLiteral("0 0 * * *")},
        {QStringLiteral("@hourly"), QStringLiteral("0 * * * *")},
    };
    static const QRegularExpression seconds(QStringLiteral("^(\\d+)\\s+seconds?$"),
                                            QRegularExpression::CaseInsensitiveOption);

    const QString trimmed = text.trimmed();
    Cron cron;
    if (const auto match = seconds.match(trimmed); match.hasMatch()) {
        cron.m_seconds = match.captured(1).toInt();
        if (cron.m_seconds < 1 || cron.m_seconds > 59)
            return fail(Error::input(QStringLiteral("\"%1\" is not a schedule").arg(trimmed),
                                     QStringLiteral("Seconds go from 1 to 59.")));
        return cron;
    }
    const QString expanded = macros.value(trimmed.toLower(), trimmed);
    const QStringList parts = expanded.split(QRegularExpression(QStringLiteral("\\s+")), Qt::SkipEmptyParts);
    if (parts.size() != 5) {
        return fail(
            Error::input(QStringLiteral("\"%1\" is not a cron schedule").arg(trimmed),
                         QStringLiteral("It has five fields: minute, hour, day of month, month, day of week.")));
    }
    for (int index = 0; index < 5; ++index) {
        const Field &kind = field(index);
        for (const QString &part : parts[index].split(QLatin1Char(','))) {
            if (index == 2 && part == QLatin1String("$")) {
                cron.m_lastDay = true;
                continue;
            }
            const auto values = valuesOf(part, kind);
            if (!values) {
                return fail(Error::input(QStringLiteral("\"%1\" is no %2 in the schedule \"%3\"")
                                             .arg(part, QLatin1String(kind.name), trimmed)));
            }
            for (const int value : *values) {
                const auto bit = static_cast<std::size_t>(value);
                switch (index) {
                case 0:
                    cron.m_minutes.set(bit);
                    break;
                case 1:
                    cron.m_hours.set(bit);
                    break;
                case 2:
                    cron.m_days.set(bit);
                    break;
                case 3:
                    cron.m_months.set(bit);
                    break;
                default:
                    cron.m_weekdays.set(bit % 7);
                    break;
                }
            }
        }
    }
    // As cron has it: a field that begins with a star restricts nothing, even with a step.
    cron.m_anyDay = parts[2].startsWith(QLatin1Char('*'));
    cron.m_anyWeekday = parts[4].startsWith(QLatin1Char('*'));
    return cron;
}

bool Cron::matches(const QDate &date) const
{
    if (!m_months.test(static_cast<std::size_t>(date.month())))
        return false;
    const bool day = m_days.test(static_cast<std::size_t>(date.day()))
                     || (m_lastDay && date.day() == date.daysInMonth());
    const bool weekday = m_weekdays.test(static_cast<std::size_t>(date.dayOfWeek() % 7));
    return m_anyDay || m_anyWeekday ? day && weekday : day || weekday;
}

std::optional<Instant> Cron::next(Instant after, const QTimeZone &zone) const
{
    if (m_seconds > 0)
        return after + std::chrono::seconds(m_seconds);
    const QDateTime start = QDateTime::fromMSecsSinceEpoch(toEpochMicros(after) / 1000, zone);
    for (int offset = 0; offset < daysToSearch; ++offset) {
        const QDate date = start.date().addDays(offset);
        if (!matches(date))
            continue;
        for (int hour = 0; hour < 24; ++hour) {
            if (!m_hours.test(static_cast<std::size_t>(hour)) || (offset == 0 && hour < start.time().hour()))
                continue;
            for (int minute = 0; minute < 60; ++minute) {
                if (!m_minutes.test(static_cast<std::size_t>(minute)))
                    continue;
                const QTime time(hour, minute);
                const qint64 millis = QDateTime(date, time, zone).toMSecsSinceEpoch();
                if (QDateTime::fromMSecsSinceEpoch(millis, zone).time() != time)
                    continue; // the clock skips it
                const Instant at = fromEpochMicros(millis * 1000);
                if (at > after)
                    return at;
            }
        }
    }
    return std::nullopt;
}

} // namespace tidemark
