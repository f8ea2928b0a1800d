// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/interval.h"

#include <QHash>
#include <QRegularExpression>

namespace tidemark {

namespace {

constexpr double second = 1000;
constexpr double minute = 60 * second;
constexpr double hour = 60 * minute;
constexpr double day = 24 * hour;

std::optional<double> unitMillis(QString unit)
{
    static const QHash<QString, double> units{
        {QStringLiteral("millisecond"), 1},     {QStringLiteral("sec"), second},
        {QStringLiteral("second"), second},     {QStringLiteral("min"), minute},
        {QStringLiteral("minute"), minute},     {QStringLiteral("hour"), hour},
        {QStringLiteral("day"), day},           {QStringLiteral("week"), 7 * day},
        {QStringLiteral("mon"), 30 * day},      {QStringLiteral("month"), 30 * day},
        {QStringLiteral("quarter"), 91 * day},  {QStringLiteral("year"), 365 * day},
        {QStringLiteral("decade"), 3650 * day},
    };
    unit = unit.toLower();
    if (unit.size() > 3 && unit.endsWith(QLatin1Char('s')))
        unit.chop(1);
    const auto found = units.constFind(unit);
    return found == units.cend() ? std::nullopt : std::optional(*found);
}

std::optional<Millis> parseIso(const QString &text)
{
    static const QRegularExpression iso(QStringLiteral("^P(?:(-?\\d+)Y)?(?:(-?\\d+)M)?(?:(-?\\d+)W)?(?:(-?\\d+)D)?"
                                                       "(?:T(?:(-?\\d+)H)?(?:(-?\\d+)M)?(?:(-?[\\d.]+)S)?)?$"));
    const auto match = iso.match(text);
    if (!match.hasMatch() || text.size() < 3)
        return std::nullopt;
    const double weights[] = {365 * day, 30 * day, 7 * day, day, hour, minute, second};
    double total = 0;
    for (int part = 0; part < 7; ++part)
        total += match.captured(part + 1).toDouble() * weights[part];
    return Millis(static_cast<qint64>(total));
}

} // namespace

std::optional<Millis> parseInterval(const QString &text)
{
    const QString trimmed = text.trimmed();
    if (trimmed.startsWith(QLatin1Char('P')))
        return parseIso(trimmed);
    static const QRegularExpression part(QStringLiteral(
        "\\G(?:@\\s*)?(?:(-?)(\\d+):(\\d{2})(?::(\\d{2}(?:\\.\\d+)?))?|([+-]?[\\d.]+)\\s*([a-zA-Z]+))\\s*"));
    double total = 0;
    qsizetype at = 0;
    while (at < trimmed.size()) {
        const auto match = part.match(trimmed, at);
        if (!match.hasMatch() || match.capturedLength() == 0)
            return std::nullopt;
        at = match.capturedEnd();
        if (match.hasCaptured(6)) {
            const auto unit = unitMillis(match.captured(6));
            if (!unit)
                return std::nullopt;
            total += match.captured(5).toDouble() * *unit;
        } else {
            const double clock = match.captured(2).toDouble() * hour + match.captured(3).toDouble() * minute
                                 + match.captured(4).toDouble() * second;
            total += match.captured(1).isEmpty() ? clock : -clock;
        }
    }
    if (trimmed.isEmpty())
        return std::nullopt;
    return Millis(static_cast<qint64>(total));
}

} // namespace tidemark
