// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/partitionbound.h"

#include <QDateTime>

#include <array>

namespace tidemark {

namespace {

constexpr qint64 microsPerHour = 3'600'000'000LL;
constexpr qint64 microsPerDay = 24 * microsPerHour;

/// One value as get_range_partbound_string prints it: a keyword, a bare number, or a quoted literal.
struct Literal
{
    QString text;
    bool quoted = false;
};

Literal readLiteral(const QString &printed)
{
    if (!printed.startsWith(QLatin1Char('\'')) || !printed.endsWith(QLatin1Char('\'')) || printed.size() < 2)
        return {printed, false};
    QString text = printed.mid(1, printed.size() - 2);
    return {text.replace(QStringLiteral("''"), QStringLiteral("'")), true};
}

std::optional<qint64> axisOf(const QString &text, BoundUnit unit)
{
    switch (unit) {
    case BoundUnit::Time:
        if (const auto instant = parseTimestamp(text))
            return toEpochMicros(*instant);
        return std::nullopt;
    case BoundUnit::Integer: {
        bool fits = false;
        const qint64 number = text.toLongLong(&fits);
        return fits ? std::optional(number) : std::nullopt;
    }
    case BoundUnit::Text:
        break;
    }
    return std::nullopt;
}

Bound readBound(const QString &printed, BoundUnit unit)
{
    const Literal literal = readLiteral(printed);
    if (!literal.quoted && literal.text == QLatin1String("MINVALUE"))
        return {Bound::Kind::MinValue, literal.text, {}};
    if (!literal.quoted && literal.text == QLatin1String("MAXVALUE"))
        return {Bound::Kind::MaxValue, literal.text, {}};
    return boundOfValue(literal.text, unit);
}

/// The index of the parenthesis that closes the one at `open`, outside quotes; -1 when there is none.
qsizetype closing(QStringView text, qsizetype open)
{
    int depth = 0;
    QChar quote;
    for (qsizetype i = open; i < text.size(); ++i) {
        const QChar c = text.at(i);
        if (!quote.isNull()) {
            if (c == quote)
                quote = QChar();
        } else if (c == QLatin1Char('\'') || c == QLatin1Char('"')) {
            quote = c;
        } else if (c == QLatin1Char('(')) {
            ++depth;
        } else if (c == QLatin1Char(')') && --depth == 0) {
            return i;
        }
    }
    return -1;
}

/// The parenthesised list at `open`; moves `open` past it.
std::optional<Bound> readBounds(QStringView text, BoundUnit unit, const std::vector<BoundUnit> &others, qsizetype &open)
{
    const qsizetype close = closing(text, open);
    if (close < 0)
        return std::nullopt;
    const QStringList items = splitExpressions(text.mid(open + 1, close - open - 1));
    open = close + 1;
    if (items.isEmpty())
        return std::nullopt;
    Bound bound = readBound(items.front(), unit);
    for (const QString &item : items.mid(1)) {
        const std::size_t column = bound.rest.size();
        bound.rest.push_back(readBound(item, column < others.size() ? others[column] : BoundUnit::Text));
    }
    return bound;
}

} // namespace

Bound boundOfValue(const QString &text, BoundUnit unit)
{
    Bound bound{Bound::Kind::Value, text, axisOf(text, unit)};
    // An infinite value bounds nothing that has a place on the axis.
    if (unit != BoundUnit::Text && text.compare(QLatin1String("infinity"), Qt::CaseInsensitive) == 0)
        bound.kind = Bound::Kind::MaxValue;
    else if (unit != BoundUnit::Text && text.compare(QLatin1String("-infinity"), Qt::CaseInsensitive) == 0)
        bound.kind = Bound::Kind::MinValue;
    return bound;
}

BoundUnit boundUnitOf(const QString &typeName)
{
    static const QStringList times{QStringLiteral("timestamptz"), QStringLiteral("timestamp"), QStringLiteral("date")};
    static const QStringList integers{QStringLiteral("int2"), QStringLiteral("int4"), QStringLiteral("int8"),
                                      QStringLiteral("oid"), QStringLiteral("numeric")};
    if (times.contains(typeName))
        return BoundUnit::Time;
    return integers.contains(typeName) ? BoundUnit::Integer : BoundUnit::Text;
}

void parseBound(const QString &text, BoundUnit unit, Partition &partition, const std::vector<BoundUnit> &others)
{
    partition.boundText = text;
    partition.isDefault = text == QLatin1String("DEFAULT");
    partition.from = {};
    partition.to = {};

    const QLatin1String opening("FOR VALUES FROM (");
    if (!text.startsWith(opening))
        return;
    qsizetype at = opening.size() - 1;
    const auto from = readBounds(text, unit, others, at);
    const QLatin1String middle(" TO (");
    if (!from || !QStringView(text).mid(at).startsWith(middle))
        return;
    at += middle.size() - 1;
    const auto to = readBounds(text, unit, others, at);
    if (!to)
        return;
    partition.from = *from;
    partition.to = *to;
}

QStringList splitExpressions(QStringView list)
{
    QStringList parts;
    QString part;
    int depth = 0;
    QChar quote;
    for (const QChar c : list) {
        if (!quote.isNull()) {
            if (c == quote)
                quote = QChar();
        } else if (c == QLatin1Char('\'') || c == QLatin1Char('"')) {
            quote = c;
        } else if (c == QLatin1Char('(')) {
            ++depth;
        } else if (c == QLatin1Char(')')) {
            --depth;
        } else if (c == QLatin1Char(',') && depth == 0) {
            parts << part.trimmed();
            part.clear();
            continue;
        }
        part += c;
    }
    if (!part.trimmed().isEmpty())
        parts << part.trimmed();
    return parts;
}

QString axisText(qint64 axis, BoundUnit unit)
{
    if (unit != BoundUnit::Time)
        return QString::number(axis);
    const qint64 seconds = axis >= 0 ? axis / 1'000'000 : (axis - 999'999) / 1'000'000;
    const qint64 fraction = axis - seconds * 1'000'000;
    QString text = QDateTime::fromSecsSinceEpoch(seconds, Qt::UTC).toString(QStringLiteral("yyyy-MM-dd HH:mm:ss"));
    if (fraction != 0)
        text += QStringLiteral(".%1").arg(fraction, 6, 10, QLatin1Char('0'));
    return text + QStringLiteral("+00");
}

QString widthText(const Bound &from, const Bound &to, BoundUnit unit)
{
    if (from.kind != Bound::Kind::Value || to.kind != Bound::Kind::Value || !from.axis || !to.axis)
        return {};
    const qint64 width = *to.axis - *from.axis;
    if (width <= 0)
        return {};
    if (unit == BoundUnit::Integer)
        return QString::number(width);

    // A day of 23 or 25 hours, and a month whose ends stand at local midnight, are still a day and a month.
    const auto within = [width](qint64 least, qint64 most) {
        return width >= least * microsPerDay - microsPerHour && width <= most * microsPerDay + microsPerHour;
    };
    if (within(365, 366))
        return QStringLiteral("1 year");
    if (within(181, 184))
        return QStringLiteral("6 months");
    if (within(90, 92))
        return QStringLiteral("3 months");
    if (within(28, 31))
        return QStringLiteral("1 month");
    const qint64 days = (width + microsPerDay / 2) / microsPerDay;
    if (days >= 1 && within(days, days))
        return days == 1 ? QStringLiteral("1 day") : QStringLiteral("%1 days").arg(days);
    struct Step
    {
        qint64 micros;
        QLatin1String one;
        QLatin1String many;
    };
    static const std::array steps{Step{microsPerHour, QLatin1String("1 hour"), QLatin1String("%1 hours")},
                                  Step{60'000'000, QLatin1String("1 minute"), QLatin1String("%1 minutes")},
                                  Step{1'000'000, QLatin1String("1 second"), QLatin1String("%1 seconds")}};
    for (const Step &step : steps) {
        if (width % step.micros == 0) {
            const qint64 count = width / step.micros;
            return count == 1 ? QString(step.one) : QString(step.many).arg(count);
        }
    }
    return QStringLiteral("%1 ms").arg(width / 1000);
}

} // namespace tidemark
