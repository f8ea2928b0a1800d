// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/schedule/timetable.h"

#include <QCryptographicHash>
#include <QDateTime>

#include <algorithm>

namespace tidemark::schedule {

namespace {

using namespace std::chrono_literals;

// A cron expression that has no time in the hours of so many days is taken as one that never runs.
constexpr int mostDaysOutside = 4'000;

QDateTime localTime(Instant at, const QTimeZone &zone)
{
    return QDateTime::fromMSecsSinceEpoch(toEpochMicros(at) / 1000, zone);
}

} // namespace

Result<Timetable> Timetable::of(const Timing &timing)
{
    Timetable times;
    times.m_timing = timing;
    times.m_zone = QTimeZone(timing.timeZone.toUtf8());
    if (!times.m_zone.isValid()) {
        return fail(Error::input(QStringLiteral("this machine knows no time zone %1").arg(timing.timeZone),
                                 QStringLiteral("Install its time zones (tzdata), or take another zone.")));
    }
    if (!timing.cron.isEmpty()) {
        TIDEMARK_TRY(times.m_cron, Cron::parse(timing.cron));
    }
    return times;
}

bool Timetable::isWithinHours(Instant at) const
{
    if (!m_timing.hours)
        return true;
    const QTime clock = localTime(at, m_zone).time();
    const auto &[from, to] = *m_timing.hours;
    return from < to ? clock >= from && clock < to : clock >= from || clock < to;
}

Instant Timetable::beginOfHours(Instant after) const
{
    const QDate today = localTime(after, m_zone).date();
    for (int offset = 0;; ++offset) {
        // Where the clock skips it, the first moment after: QDateTime moves it on by what is skipped.
        const QDateTime begin(today.addDays(offset), m_timing.hours->from, m_zone);
        const Instant at = fromEpochMicros(begin.toMSecsSinceEpoch() * 1000);
        if (at > after)
            return at;
    }
}

std::optional<Instant> Timetable::next(Instant last) const
{
    if (!m_cron) {
        const Instant at = last + *m_timing.every;
        return isWithinHours(at) ? at : beginOfHours(at);
    }
    Instant after = last;
    for (int days = 0; days < mostDaysOutside; ++days) {
        const auto at = m_cron->next(after, m_zone);
        if (!at || isWithinHours(*at))
            return at;
        after = beginOfHours(*at) - std::chrono::seconds(1);
    }
    return std::nullopt;
}

Instant Timetable::beginOf(Instant dueAt, qint64 schedule) const
{
    if (m_timing.jitter <= Millis(0))
        return dueAt;
    const QByteArray both = QByteArray::number(schedule) + ':' + QByteArray::number(toEpochMicros(dueAt));
    const QByteArray hash = QCryptographicHash::hash(both, QCryptographicHash::Sha256);
    quint64 number = 0;
    for (int byte = 0; byte < 8; ++byte)
        number = number << 8 | static_cast<quint8>(hash.at(byte));
    return dueAt + Millis(static_cast<qint64>(number % static_cast<quint64>(m_timing.jitter.count() + 1)));
}

std::optional<Instant> Timetable::latestUntil(Instant now) const
{
    for (const auto back : std::vector<std::chrono::hours>{1h, 24h, 32 * 24h, 366 * 24h, 8 * 366 * 24h}) {
        std::optional<Instant> latest;
        for (auto at = next(now - back); at && *at <= now; at = next(*at))
            latest = at;
        if (latest)
            return latest;
    }
    return std::nullopt;
}

std::optional<DueRun> Timetable::due(Instant last, Instant now, qint64 schedule) const
{
    std::optional<DueRun> run;
    for (auto at = next(last); at && beginOf(*at, schedule) <= now; at = next(*at)) {
        if (run && run->missed >= mostCounted) {
            if (const auto latest = latestUntil(now - m_timing.jitter); latest && *latest > run->dueAt)
                run->dueAt = *latest;
            break;
        }
        run = DueRun{*at, run ? run->missed + 1 : 0, false};
    }
    if (run)
        run->isLate = now - beginOf(run->dueAt, schedule) > grace;
    return run;
}

} // namespace tidemark::schedule
