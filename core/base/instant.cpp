// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/instant.h"

#include <QRegularExpression>

#include <cstdlib>

namespace tidemark {

namespace chrono = std::chrono;

namespace {

// "-03-01", then `separator`, then "12:00:00.5" with no more fraction than needed: all that follows the year.
QString afterYear(Instant instant, const chrono::year_month_day &date, QLatin1Char separator)
{
    const chrono::hh_mm_ss time(instant - chrono::floor<chrono::days>(instant));
    QString text = QStringLiteral("-%1-%2%3%4:%5:%6")
                       .arg(static_cast<unsigned>(date.month()), 2, 10, QLatin1Char('0'))
                       .arg(static_cast<unsigned>(date.day()), 2, 10, QLatin1Char('0'))
                       .arg(separator)
                       .arg(time.hours().count(), 2, 10, QLatin1Char('0'))
                       .arg(time.minutes().count(), 2, 10, QLatin1Char('0'))
                       .arg(time.seconds().count(), 2, 10, QLatin1Char('0'));
    if (const auto micros = time.subseconds().count(); micros != 0) {
        QString fraction = QStringLiteral("%1").arg(micros, 6, 10, QLatin1Char('0'));
        while (fraction.endsWith(QLatin1Char('0')))
            fraction.chop(1);
        text += QLatin1Char('.') + fraction;
    }
    return text;
}

QString fourDigits(int year)
{
    return QStringLiteral("%1").arg(year, 4, 10, QLatin1Char('0'));
}

} // namespace

QString toIso8601(Instant instant)
{
    const chrono::year_month_day date(chrono::floor<chrono::days>(instant));
    const int year = static_cast<int>(date.year());
    const QString sign = year < 0 ? QStringLiteral("-") : year > 9999 ? QStringLiteral("+") : QString();
    return sign + fourDigits(std::abs(year)) + afterYear(instant, date, QLatin1Char('T')) + QLatin1Char('Z');
}

QString toUtcSeconds(Instant instant)
{
    QString text = toIso8601(chrono::floor<chrono::seconds>(instant)).replace(QLatin1Char('T'), QLatin1Char(' '));
    text.chop(1);
    return text + QStringLiteral(" UTC");
}

QString toPostgres(Instant instant)
{
    const chrono::year_month_day date(chrono::floor<chrono::days>(instant));
    const int year = static_cast<int>(date.year());
    const bool beforeChrist = year <= 0;
    return fourDigits(beforeChrist ? 1 - year : year) + afterYear(instant, date, QLatin1Char(' '))
           + QStringLiteral("+00") + (beforeChrist ? QStringLiteral(" BC") : QString());
}

std::optional<Instant> parseTimestamp(QStringView text)
{
    static const QRegularExpression pattern(QStringLiteral(
        R"(^([+-]?\d{4,6})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?)?(?:(Z)|([+-])(\d\d)(?::?(\d\d))?(?::?(\d\d))?)?( BC)?$)"));
    const auto match = pattern.match(text.toString());
    if (!match.hasMatch())
        return std::nullopt;
    const auto number = [&](int group) { return match.captured(group).toInt(); };

    const int year = match.captured(13).isEmpty() ? number(1) : 1 - number(1);
    if (year < static_cast<int>(chrono::year::min()) || year > static_cast<int>(chrono::year::max()))
        return std::nullopt;
    const chrono::year_month_day date{chrono::year(year), chrono::month(static_cast<unsigned>(number(2))),
                                      chrono::day(static_cast<unsigned>(number(3)))};
    if (!date.ok() || number(4) > 24 || number(5) > 59 || number(6) > 60)
        return std::nullopt;

    const QString fraction = match.captured(7).leftJustified(6, QLatin1Char('0'));
    Instant instant = chrono::sys_days(date) + chrono::hours(number(4)) + chrono::minutes(number(5))
                      + chrono::seconds(number(6)) + chrono::microseconds(fraction.toInt());
    const auto offset = chrono::hours(number(10)) + chrono::minutes(number(11)) + chrono::seconds(number(12));
    if (match.captured(9) == QLatin1String("+"))
        instant -= offset;
    else if (match.captured(9) == QLatin1String("-"))
        instant += offset;
    return instant;
}

} // namespace tidemark
