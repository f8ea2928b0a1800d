// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/timeaxis.h"

#include <QDateTime>
#include <QLocale>

#include <array>

namespace tidemark::ui {

namespace {

constexpr std::array<qint64, 24> stepsSeconds{1,     2,     5,      10,     15,      30,      60,       120,
                                              300,   600,   900,    1800,   3600,    7200,    10800,    21600,
                                              43200, 86400, 172800, 604800, 2592000, 7776000, 15552000, 31536000};

QString labelOf(const QDateTime &time, qint64 step, bool newDay)
{
    const QLocale locale;
    if (step >= 2592000)
        return locale.toString(time.date(), QStringLiteral("MMM yyyy"));
    if (step >= 86400 || newDay)
        return locale.toString(time.date(), QStringLiteral("d MMM"));
    return time.toString(step < 60 ? QStringLiteral("HH:mm:ss") : QStringLiteral("HH:mm"));
}

} // namespace

std::vector<TimeTick> timeTicks(const TimeRange &range, int most)
{
    const qint64 from = toEpochMicros(range.from) / 1'000'000;
    const qint64 to = toEpochMicros(range.to) / 1'000'000;
    std::vector<TimeTick> ticks;
    if (to <= from || most < 1)
        return ticks;
    qint64 step = stepsSeconds.back();
    for (const qint64 candidate : stepsSeconds) {
        if ((to - from) / candidate <= most) {
            step = candidate;
            break;
        }
    }
    QDateTime at = QDateTime::fromSecsSinceEpoch(from);
    if (step >= 2592000) {
        const int months = static_cast<int>(step / 2592000) == 12 ? 12 : static_cast<int>(step / 2592000);
        at = QDate(at.date().year(), 1, 1).startOfDay();
        for (; at.toSecsSinceEpoch() <= to; at = at.addMonths(months)) {
            if (at.toSecsSinceEpoch() >= from)
                ticks.push_back({fromEpochMicros(at.toSecsSinceEpoch() * 1'000'000), labelOf(at, step, true), true});
        }
        return ticks;
    }
    at = at.date().startOfDay();
    const qint64 days = step / 86400;
    while (at.toSecsSinceEpoch() <= to) {
        const bool newDay = at.time() == QTime(0, 0);
        if (at.toSecsSinceEpoch() >= from)
            ticks.push_back({fromEpochMicros(at.toSecsSinceEpoch() * 1'000'000), labelOf(at, step, newDay), newDay});
        const QDate day = at.date();
        if (days >= 1) {
            at = day.addDays(days).startOfDay();
        } else {
            at = at.addSecs(step);
            if (at.date() != day) // a day of 23 or 25 hours starts afresh
                at = at.date().startOfDay();
        }
    }
    return ticks;
}

} // namespace tidemark::ui
