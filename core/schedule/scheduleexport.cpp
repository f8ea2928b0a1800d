// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/schedule/scheduleexport.h"

#include "core/base/printable.h"
#include "core/base/units.h"

#include <QCoreApplication>

namespace tidemark::schedule {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(Schedules)
};

constexpr int minutesADay = 24 * 60;

Error inexpressible(const QString &what, const QString &hint)
{
    Error error = Error::input(what, hint);
    error.kind = ErrorKind::Unsupported;
    return error;
}

/// "6-21" of 06:00 to 22:00, "22-23,0-5" of 22:00 to 06:00, each `step` hours. Nothing where they are no whole hours.
std::optional<QString> hoursField(const std::optional<DayHours> &hours, int step)
{
    if (!hours)
        return step == 1 ? QStringLiteral("*") : QStringLiteral("*/%1").arg(step);
    if (hours->from.minute() != 0 || hours->to.minute() != 0)
        return std::nullopt;
    const int from = hours->from.hour();
    const int last = (hours->to.hour() + 23) % 24;
    if (step > 1) {
        QStringList list;
        for (int hour = from;; hour = (hour + 1) % 24) {
            if (hour % step == 0)
                list << QString::number(hour);
            if (hour == last)
                break;
        }
        return list.isEmpty() ? std::optional<QString>() : list.join(QLatin1Char(','));
    }
    const auto range = [](int first, int end) {
        return first == end ? QString::number(first) : QStringLiteral("%1-%2").arg(first).arg(end);
    };
    return from <= last ? range(from, last) : range(from, 23) + QLatin1Char(',') + range(0, last);
}

Result<QString> everyAsCron(const Timing &timing, CronKind kind)
{
    const qint64 millis = timing.every->count();
    const QString often = units::duration(*timing.every);
    if (kind == CronKind::PgCron && millis < 60'000 && millis % 1'000 == 0 && !timing.hours)
        return QStringLiteral("%1 seconds").arg(millis / 1'000);
    const qint64 minutes = millis / 60'000;
    const bool isWithinHour = minutes > 0 && minutes <= 60 && 60 % minutes == 0;
    const bool isWithinDay = minutes > 60 && minutes % 60 == 0 && minutesADay % minutes == 0;
    if (millis % 60'000 != 0 || (!isWithinHour && !isWithinDay)) {
        return fail(inexpressible(Words::tr("every %1 is nothing that cron can say").arg(often),
                                  Words::tr("Its steps begin anew each hour and each day: take a part of one.")));
    }
    const int step = isWithinDay ? static_cast<int>(minutes / 60) : 1;
    const auto hours = hoursField(timing.hours, step);
    if (!hours)
        return fail(inexpressible(Words::tr("hours that begin within an hour are nothing that cron can say"),
                                  Words::tr("Let them begin and end with an hour.")));
    const QString minute = minutes >= 60  ? QStringLiteral("0")
                           : minutes == 1 ? QStringLiteral("*")
                                          : QStringLiteral("*/%1").arg(minutes);
    return QStringLiteral("%1 %2 * * *").arg(minute, *hours);
}

QString shellQuoted(const QString &text)
{
    QString quoted = text;
    quoted.replace(QLatin1Char('\''), QLatin1String("'\\''"));
    return QLatin1Char('\'') + quoted + QLatin1Char('\'');
}

QString milliseconds(Millis time)
{
    return QStringLiteral("%1ms").arg(time.count());
}

QString commandOf(const Schedule &schedule, const QString &connection)
{
    QStringList words{QStringLiteral("tidemarkctl"), QStringLiteral("-d"), shellQuoted(connection),
                      QStringLiteral("refresh")};
    for (const pg::QualifiedName &relation : schedule.refresh.names)
        words << shellQuoted(relation.display());
    if (schedule.refresh.names.empty())
        words << QStringLiteral("--all");
    if (schedule.refresh.cascade)
        words << QStringLiteral("--cascade");
    const refresh::RefreshSpec &refresh = schedule.refresh;
    if (refresh.way != refresh::Way::Automatic)
        words << QStringLiteral("--") + refresh::toWord(refresh.way);
    if (refresh.acceptsLock && refresh.way != refresh::Way::Plain)
        words << QStringLiteral("--accept-lock");
    words << QStringLiteral("--lock-timeout") << milliseconds(refresh.lockPatience);
    if (refresh.statementTimeout)
        words << QStringLiteral("--statement-timeout") << milliseconds(*refresh.statementTimeout);
    words << QStringLiteral("--yes"); // nobody is there to be asked
    // A line of a crontab ends at a percent sign.
    return words.join(QLatin1Char(' ')).replace(QLatin1Char('%'), QLatin1String("\\%"));
}

} // namespace

Result<QString> cronExpression(const Timing &timing, CronKind kind)
{
    if (timing.onChange)
        return fail(inexpressible(Words::tr("cron does not know what changed"),
                                  Words::tr("Let an agent execute it, or give it a fixed time.")));
    if (timing.every)
        return everyAsCron(timing, kind);
    if (kind == CronKind::Crontab
        && (timing.cron.contains(QLatin1Char('$')) || timing.cron.contains(QLatin1String("second")))) {
        return fail(inexpressible(Words::tr("“%1” is of pg_cron alone").arg(timing.cron),
                                  Words::tr("Let an agent or pg_cron execute it.")));
    }
    if (!timing.hours)
        return timing.cron;
    QStringList fields = timing.cron.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    const auto hours = hoursField(timing.hours, 1);
    if (fields.size() != 5 || fields.at(1) != QLatin1String("*") || !hours)
        return fail(inexpressible(Words::tr("“%1” within hours is nothing that cron can say").arg(timing.cron),
                                  Words::tr("Write the hours into its second field.")));
    fields[1] = *hours;
    return fields.join(QLatin1Char(' '));
}

QString crontab(const std::vector<Schedule> &schedules, const QString &connection)
{
    QString text;
    QString zone = QStringLiteral("UTC");
    for (const Schedule &schedule : schedules) {
        const QString title = printable(schedule.name);
        const auto cron = cronExpression(schedule.timing, CronKind::Crontab);
        if (!cron || !schedule.enabled) {
            text += QStringLiteral("# %1: not exported, %2\n")
                        .arg(title, cron ? Words::tr("it is disabled") : cron.error().message);
            continue;
        }
        if (text.isEmpty() || schedule.timing.timeZone != zone) {
            zone = schedule.timing.timeZone;
            text += Words::tr("# Times of %1. Not every cron knows CRON_TZ: Debian's takes the machine's own zone.")
                        .arg(zone)
                    + QStringLiteral("\nCRON_TZ=%1\n").arg(zone);
        }
        text += QStringLiteral("# %1: %2\n%3 %4\n")
                    .arg(title, printable(schedule.relationsText()), *cron, commandOf(schedule, connection));
    }
    return text;
}

} // namespace tidemark::schedule
