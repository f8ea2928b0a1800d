// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/schedule/schedule.h"

#include "core/base/units.h"
#include "core/base/words.h"
#include "core/schedule/timetable.h"

#include <QCoreApplication>
#include <QTimeZone>

#include <array>

namespace tidemark::schedule {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(Schedule)
};

constexpr std::array overlapWords{Word{Overlap::Skip, "skip"}, Word{Overlap::Wait, "wait"}};
constexpr std::array catchUpWords{Word{CatchUp::None, "none"}, Word{CatchUp::Once, "once"}};

/// What a person wrote for one of a table's values.
template<typename Table>
auto read(const Table &table, const QString &text, const QString &what) -> Result<decltype(table.front().value)>
{
    if (const auto value = valueOf(table, text))
        return *value;
    QStringList known;
    for (const auto &word : table)
        known << QLatin1String(word.text);
    return fail(Error::input(Words::tr("%1 is not “%2”").arg(what, text),
                             Words::tr("It is one of %1.").arg(known.join(QLatin1String(", ")))));
}

QString clockText(const QTime &time)
{
    return time.toString(QStringLiteral("HH:mm"));
}

QString hoursText(const DayHours &hours)
{
    return Words::tr("%1 to %2", "hours of the day").arg(clockText(hours.from), clockText(hours.to));
}

/// QTimeZone takes any word for a POSIX rule without an offset, and does not list all that it knows.
bool isTimeZone(const QString &name)
{
    const QByteArray id = name.toUtf8();
    return QTimeZone::isTimeZoneIdAvailable(id) || (id.contains('/') && QTimeZone(id).isValid());
}

QJsonValue milliseconds(const std::optional<Millis> &time)
{
    return time ? QJsonValue(static_cast<qint64>(time->count())) : QJsonValue();
}

} // namespace

QString toWord(Overlap overlap)
{
    return wordOf(overlapWords, overlap);
}

QString toWord(CatchUp catchUp)
{
    return wordOf(catchUpWords, catchUp);
}

Result<Overlap> overlapOf(const QString &word)
{
    return read(overlapWords, word, Words::tr("what becomes of overlapping runs"));
}

Result<CatchUp> catchUpOf(const QString &word)
{
    return read(catchUpWords, word, Words::tr("what becomes of missed runs"));
}

Result<DayHours> parseHours(const QString &text)
{
    const QStringList ends = text.split(QLatin1Char('-'));
    const auto read = [](const QString &word) {
        const QString clock = word.trimmed();
        // The end of the day.
        return clock == QLatin1String("24:00") ? QTime(0, 0) : QTime::fromString(clock, QStringLiteral("H:mm"));
    };
    const DayHours hours{read(ends.value(0)), read(ends.value(1))};
    if (ends.size() != 2 || !hours.from.isValid() || !hours.to.isValid() || hours.from == hours.to)
        return fail(Error::input(Words::tr("hours of the day are not “%1”").arg(text),
                                 Words::tr("Write 06:00-22:00; 22:00-06:00 crosses midnight.")));
    return hours;
}

Status validate(const Schedule &schedule)
{
    if (schedule.name.trimmed().isEmpty())
        return fail(Error::input(Words::tr("a schedule needs a name"), Words::tr("Name it after what it refreshes.")));
    const Timing &timing = schedule.timing;
    if (timing.cron.isEmpty() == !timing.every)
        return fail(Error::input(Words::tr("schedule %1 has no time").arg(schedule.name),
                                 Words::tr("Give a cron expression, or how often; one of the two.")));
    if (timing.every && *timing.every < Millis(1'000))
        return fail(Error::input(Words::tr("schedule %1 would run without end").arg(schedule.name),
                                 Words::tr("At least a second lies between two runs.")));
    if (timing.onChange && !timing.every)
        return fail(
            Error::input(Words::tr("schedule %1 follows changes, but without a least distance").arg(schedule.name),
                         Words::tr("Say how often at most, for example every 30s.")));
    if (timing.jitter < Millis(0))
        return fail(Error::input(Words::tr("the jitter of schedule %1 is less than nothing").arg(schedule.name)));
    TIDEMARK_CHECK(schedule.refresh.check());
    if (schedule.refresh.withNoData)
        return fail(
            Error::input(Words::tr("schedule %1 would empty what it should bring up to date").arg(schedule.name)));
    if (!isTimeZone(timing.timeZone))
        return fail(Error::input(Words::tr("there is no time zone %1").arg(timing.timeZone),
                                 Words::tr("Write a name such as Europe/Oslo, or UTC.")));
    TIDEMARK_TRY(const Timetable times, Timetable::of(timing));
    if (!times.next(schedule.since)) {
        return fail(Error::input(Words::tr("schedule %1 would never run").arg(schedule.name),
                                 Words::tr("No time of “%1” lies in its hours.").arg(timing.cron)));
    }
    return {};
}

QString Schedule::timingText() const
{
    QStringList parts{timing.every ? Words::tr("every %1").arg(units::duration(*timing.every)) : timing.cron};
    if (timing.hours)
        parts << hoursText(*timing.hours);
    QString text = parts.join(QStringLiteral(", "));
    if (timing.hours || timing.every == std::nullopt)
        text += QStringLiteral(" (%1)").arg(timing.timeZone);
    return timing.onChange ? Words::tr("%1, where the sources changed").arg(text) : text;
}

QString Schedule::relationsText() const
{
    if (refresh.names.empty())
        return Words::tr("every refreshable");
    QStringList names;
    for (const pg::QualifiedName &name : refresh.names)
        names << name.display();
    const QString text = names.join(QStringLiteral(", "));
    return refresh.cascade ? Words::tr("%1 and what depends on them").arg(text) : text;
}

QJsonObject Schedule::toJson() const
{
    const auto orNull = [](const QString &text) { return text.isEmpty() ? QJsonValue() : QJsonValue(text); };
    return {
        {QStringLiteral("name"), name},
        {QStringLiteral("refresh"), refresh.toJson()},
        {QStringLiteral("cron"), orNull(timing.cron)},
        {QStringLiteral("every_ms"), milliseconds(timing.every)},
        {QStringLiteral("on_change"), timing.onChange},
        {QStringLiteral("hours_from"), timing.hours ? QJsonValue(clockText(timing.hours->from)) : QJsonValue()},
        {QStringLiteral("hours_to"), timing.hours ? QJsonValue(clockText(timing.hours->to)) : QJsonValue()},
        {QStringLiteral("time_zone"), timing.timeZone},
        {QStringLiteral("jitter_ms"), static_cast<qint64>(timing.jitter.count())},
        {QStringLiteral("priority"), priority},
        {QStringLiteral("overlap"), toWord(overlap)},
        {QStringLiteral("catch_up"), toWord(catchUp)},
        {QStringLiteral("enabled"), enabled},
        {QStringLiteral("since"), toIso8601(since)},
        {QStringLiteral("created_by"), orNull(createdBy)},
    };
}

const std::vector<Preset> &presets()
{
    // By the table of intervals by environment that DBAs use: 5 to 10 minutes in development, 1 to 2 in production hours,
    // 10 to 15 outside of them; under high load on demand, which is no schedule.
    static const std::vector<Preset> all{
        {QStringLiteral("development"), Words::tr("every ten minutes"), {.every = Millis(600'000)}},
        {QStringLiteral("production"),
         Words::tr("every two minutes from 06:00 to 22:00"),
         {.every = Millis(120'000), .hours = DayHours{QTime(6, 0), QTime(22, 0)}}},
        {QStringLiteral("off-hours"),
         Words::tr("every fifteen minutes from 22:00 to 06:00"),
         {.every = Millis(900'000), .hours = DayHours{QTime(22, 0), QTime(6, 0)}}},
    };
    return all;
}

} // namespace tidemark::schedule
