// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/texts.h"

#include "core/base/units.h"
#include "ui/models/partitionstatus.h"
#include "ui/models/severity.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>
#include <QRegularExpression>
#include <QStringList>

#include <algorithm>

namespace tidemark::ui::texts {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(tidemark::ui::texts)
};

QDateTime local(Instant at)
{
    return QDateTime::fromMSecsSinceEpoch(toEpochMicros(at) / 1000);
}

/// Both ends in the unit that the older one reads best in, rounded outwards so that the truth lies inside; one figure where
/// the bracket is narrow beside the age.
QString ageRange(Millis newest, Millis oldest)
{
    newest = std::max(newest, Millis(0));
    oldest = std::max(oldest, newest);
    if (oldest - newest < oldest / 20)
        return Words::tr("≈ %1 ago").arg(span(oldest));
    struct Unit
    {
        qint64 ms;
        const char *text;
    };
    static constexpr Unit units[] = {{86'400'000, "d"}, {3'600'000, "h"}, {60'000, "min"}, {1000, "s"}};
    const auto *unit = std::find_if(std::begin(units), std::end(units) - 1,
                                    [oldest](const Unit &candidate) { return oldest.count() >= 2 * candidate.ms; });
    const qint64 from = newest.count() / unit->ms;
    const qint64 to = (oldest.count() + unit->ms - 1) / unit->ms;
    return Words::tr("%1–%2 %3 ago", "age in a unit: 5–7 min ago").arg(from).arg(to).arg(QLatin1String(unit->text));
}

QString endText(const Bound &bound)
{
    if (!bound.rest.empty())
        return boundDisplay(bound);
    switch (bound.kind) {
    case Bound::Kind::MinValue:
        return QStringLiteral("MINVALUE");
    case Bound::Kind::MaxValue:
        return QStringLiteral("MAXVALUE");
    case Bound::Kind::Value:
        return bound.text;
    case Bound::Kind::None:
        break;
    }
    return {};
}

bool readsAsRange(const LastRefresh &refresh)
{
    return refresh.confidence == Confidence::Bracketed && refresh.bracket;
}

} // namespace

QString scheduler(JobScheduler scheduler)
{
    switch (scheduler) {
    case JobScheduler::PgCron:
        return QStringLiteral("pg_cron");
    case JobScheduler::TimescaleDb:
        return QStringLiteral("TimescaleDB");
    case JobScheduler::PgPartman:
        return QStringLiteral("pg_partman");
    case JobScheduler::Agent:
        return Words::tr("Tidemark's agent");
    }
    return {};
}

QString kind(PartitioningKind kind)
{
    switch (kind) {
    case PartitioningKind::Native:
        return Words::tr("Partitioned table");
    case PartitioningKind::Inheritance:
        return Words::tr("Inheritance");
    case PartitioningKind::Hypertable:
        return Words::tr("Hypertable");
    }
    return {};
}

QString span(Millis length)
{
    const Millis positive = std::max(length, Millis(0));
    if (positive < Millis(1000))
        return QStringLiteral("0 s");
    QString text = units::duration(Millis(positive.count() / 1000 * 1000));
    return text.replace(QLatin1String(".0 s"), QLatin1String(" s"));
}

QString clockTime(Instant at, Instant now, bool seconds)
{
    const QDateTime time = local(at);
    const QString hour = time.toString(seconds ? QStringLiteral("HH:mm:ss") : QStringLiteral("HH:mm"));
    if (time.date() == local(now).date())
        return hour;
    const bool sameYear = time.date().year() == local(now).date().year();
    return QLocale().toString(time.date(), sameYear ? QStringLiteral("d MMM") : QStringLiteral("d MMM yyyy"))
           + QLatin1Char(' ') + hour;
}

QString absolute(Instant at)
{
    const QDateTime time = local(at);
    const QString here = time.toString(QStringLiteral("yyyy-MM-dd HH:mm:ss")) + QLatin1Char(' ')
                         + time.timeZoneAbbreviation();
    if (time.offsetFromUtc() == 0)
        return here;
    return Words::tr("%1 (%2 UTC)").arg(here, time.toUTC().toString(QStringLiteral("HH:mm:ss")));
}

QString age(const LastRefresh &refresh, Instant now)
{
    if (readsAsRange(refresh))
        return ageRange(millisBetween(refresh.bracket->to, now), millisBetween(refresh.bracket->from, now));
    if (!refresh.at || refresh.confidence == Confidence::Unknown)
        return Words::tr("unknown", "age of a refresh");
    if (refresh.confidence == Confidence::AtLeast)
        return Words::tr("≥ %1 ago").arg(span(millisBetween(*refresh.at, now)));
    return millisBetween(*refresh.at, now) < Millis(1000)
               ? Words::tr("just now")
               : Words::tr("%1 ago").arg(span(millisBetween(*refresh.at, now)));
}

QString badge(const LastRefresh &refresh, Instant now)
{
    if (readsAsRange(refresh)) {
        const QString from = clockTime(refresh.bracket->from, now);
        const QString to = clockTime(refresh.bracket->to, now);
        const QString range = from != to ? Words::tr("≈ %1–%2").arg(from, to)
                                         : Words::tr("≈ %1–%2").arg(
                                             clockTime(refresh.bracket->from, now, true),
                                             local(refresh.bracket->to).toString(QStringLiteral("HH:mm:ss")));
        return refresh.probable ? Words::tr("%1?", "probably").arg(range) : range;
    }
    if (!refresh.at)
        return Words::tr("unknown", "confidence");
    switch (refresh.confidence) {
    case Confidence::Exact:
        return Words::tr("exact", "confidence");
    case Confidence::Commit:
        return refresh.probable ? Words::tr("commit?", "confidence: from a commit that was probably a refresh")
                                : Words::tr("commit", "confidence: from the commit timestamp");
    case Confidence::AtLeast:
        return Words::tr("≥ %1").arg(span(millisBetween(*refresh.at, now)));
    case Confidence::Bracketed: // Without its bracket nothing but its later end is known.
    case Confidence::Unknown:
        break;
    }
    return Words::tr("unknown", "confidence");
}

QString doubt()
{
    return Words::tr(
        "Probably a refresh, but nothing proves it: VACUUM FULL, CLUSTER, ALTER or a repeated GRANT could leave the "
        "same traces. If it was none, the last refresh is older.");
}

QString explained(const LastRefresh &refresh)
{
    QStringList lines;
    if (readsAsRange(refresh))
        lines << Words::tr("Refreshed between %1 and %2.")
                     .arg(absolute(refresh.bracket->from), absolute(refresh.bracket->to));
    else if (!refresh.at || refresh.confidence == Confidence::Unknown)
        lines << Words::tr("Nothing that this server offers tells when it was refreshed last.");
    else if (refresh.confidence == Confidence::AtLeast)
        lines << Words::tr("Not refreshed since %1; it may be older.").arg(absolute(*refresh.at));
    else
        lines << Words::tr("Refreshed at %1.").arg(absolute(*refresh.at));
    if (refresh.source != RefreshSource::None)
        lines << Words::tr("Told by: %1.").arg(sourceText(refresh.source));
    if (refresh.probable)
        lines << doubt();
    return lines.join(QLatin1Char('\n'));
}

QString changes(const Refreshable &refreshable)
{
    const bool judged = refreshable.notJudgedBecause.isEmpty();
    if (!refreshable.sourceChanges || (!judged && *refreshable.sourceChanges <= 0))
        return Words::tr("not judged", "changed rows");
    if (*refreshable.sourceChanges == 0)
        return Words::tr("none", "changed rows");
    const QString count = QLocale().toString(*refreshable.sourceChanges);
    return judged ? count : Words::tr("≥ %1", "changed rows: at least").arg(count);
}

QString changesReason(const Refreshable &refreshable)
{
    if (!refreshable.notJudgedBecause.isEmpty() && refreshable.sourceChanges.value_or(0) > 0)
        return Words::tr("At least that many, for not all is counted: %1").arg(refreshable.notJudgedBecause);
    if (const QString why = whyNotJudged(refreshable); !why.isEmpty())
        return Words::tr("Cannot be judged: %1").arg(why);
    return Words::tr(
        "Rows inserted, updated and deleted in all it reads, through views and partitions, since its last refresh. "
        "Rolled back ones are counted too, so it may be fewer.");
}

QString statusReason(const Refreshable &refreshable, Instant now)
{
    switch (freshnessStatus(refreshable, now)) {
    case FreshnessStatus::Breached:
        return Words::tr("Older than its target of %1.").arg(units::duration(refreshable.target.value_or(Millis(0))));
    case FreshnessStatus::NotPopulated:
        return Words::tr("It has no data (WITH NO DATA): reading it fails until it is refreshed.");
    case FreshnessStatus::Late:
        return Words::tr("It has used over 80 % of its target of %1.")
            .arg(units::duration(refreshable.target.value_or(Millis(0))));
    case FreshnessStatus::Unknown: {
        const LastRefresh &last = refreshable.lastRefresh;
        if (!last.at || last.confidence == Confidence::Unknown)
            return Words::tr("Nothing that this server offers tells when it was refreshed last.");
        if (last.confidence == Confidence::AtLeast)
            return Words::tr("Not refreshed since %1, but by how much longer is not known.").arg(absolute(*last.at));
        if (last.probable)
            return doubt();
        return Words::tr("When it was refreshed is known, but not whether its sources changed since. %1")
            .arg(changesReason(refreshable));
    }
    case FreshnessStatus::Stale:
        return Words::tr("Its sources changed since its last refresh, and no target is set.");
    case FreshnessStatus::Fresh:
        break;
    }
    if (refreshable.target)
        return Words::tr("Within its target of %1.").arg(units::duration(*refreshable.target));
    if (refreshable.kind != RefreshableKind::MaterializedView)
        return Words::tr("No change in its sources is known since its last refresh.");
    return Words::
        tr("No change in its sources was reported since its last refresh. Sessions report theirs up to %1 late; "
           "later while they go on in one transaction or statement and, before PostgreSQL 15, while they stay idle.")
            .arg(units::duration(countersComeWithin));
}

std::optional<double> targetUsed(const Refreshable &refreshable, Instant now)
{
    if (!refreshable.target || refreshable.target->count() <= 0 || !refreshable.lastRefresh.at
        || refreshable.lastRefresh.confidence == Confidence::Unknown)
        return std::nullopt;
    const auto age = std::max(millisBetween(*refreshable.lastRefresh.at, now), Millis(0));
    return static_cast<double>(age.count()) / static_cast<double>(refreshable.target->count());
}

QString progress(const RunningRefresh &running, Instant now)
{
    const Millis passed = std::max(millisBetween(running.startedAt, now), Millis(0));
    if (!running.expected)
        return Words::tr("running %1").arg(span(passed));
    if (*running.expected > passed)
        return Words::tr("running %1, about %2 left").arg(span(passed), span(*running.expected - passed));
    return Words::tr("running %1, usually done in %2").arg(span(passed), units::duration(*running.expected));
}

std::optional<double> progressShare(const RunningRefresh &running, Instant now)
{
    if (!running.expected || running.expected->count() <= 0)
        return std::nullopt;
    const Millis passed = std::max(millisBetween(running.startedAt, now), Millis(0));
    return std::min(0.99, static_cast<double>(passed.count()) / static_cast<double>(running.expected->count()));
}

QString partitionState(const Partition &partition, Instant now)
{
    QStringList words;
    const auto add = [&words](bool holds, PartitionState state) {
        if (holds)
            words << stateWord(state);
    };
    add(partition.isDefault, PartitionState::Default);
    add(partition.detachPending, PartitionState::DetachPending);
    add(partition.isForeign, PartitionState::Foreign);
    add(partition.compressed, PartitionState::Compressed);
    add(partition.frozen, PartitionState::Frozen);
    add(isPremade(partition, now), PartitionState::Premade);
    add(isEmpty(partition) && !isPremade(partition, now), PartitionState::Empty);
    return words.isEmpty() ? stateWord(PartitionState::Plain) : words.join(QStringLiteral(", "));
}

QString boundText(const Partition &partition)
{
    if (partition.from.kind == Bound::Kind::None && partition.to.kind == Bound::Kind::None)
        return partition.boundText;
    QString from = endText(partition.from);
    QString to = endText(partition.to);
    // Whole days need no clock.
    static const QRegularExpression midnight(QStringLiteral(R"( 00:00:00(?:\+00(?::00)?)?$)"));
    const auto plain = [](const Bound &bound) {
        return bound.kind != Bound::Kind::Value || midnight.match(bound.text).hasMatch();
    };
    if (plain(partition.from) && plain(partition.to)) {
        from.remove(midnight);
        to.remove(midnight);
    }
    return Words::tr("%1 to %2", "bounds of a partition").arg(from, to);
}

QString due(Instant next, Instant now)
{
    return next < now ? Words::tr("overdue %1").arg(span(millisBetween(next, now))) : units::age(next, now);
}

QString runway(const PartitionedTable &table, Instant now)
{
    // Below a list or hash table, time ranges may run out all the same.
    if (!table.runsOut && (table.strategy != PartitionStrategy::Range || table.unit != BoundUnit::Time))
        return Words::tr("not by time", "runway of a table that is not partitioned by time");
    if (!table.runsOut)
        return table.managedBy == QLatin1String("timescaledb") ? Words::tr("made on demand", "runway of a hypertable")
                                                               : Words::tr("no end", "runway");
    if (!table.runwayUntil)
        return Words::tr("none", "runway: no partition for new rows");
    if (*table.runwayUntil <= now)
        return Words::tr("ran out %1 ago").arg(span(millisBetween(*table.runwayUntil, now)));
    return Words::tr("%1 left", "runway").arg(span(millisBetween(now, *table.runwayUntil)));
}

QString megabytes(qint64 bytes)
{
    if (bytes < 0)
        return QString(QChar(0x2013));
    const double value = static_cast<double>(bytes) / (1024.0 * 1024.0);
    if (bytes > 0 && value < 0.05)
        return QStringLiteral("<") + QLocale().toString(0.1, 'f', 1);
    return QLocale().toString(value, 'f', 1);
}

QString seconds(Millis length)
{
    return QLocale().toString(static_cast<double>(length.count()) / 1000.0, 'f', 2);
}

QString rowsShort(qint64 estimate)
{
    return estimate < 0 ? QString(QChar(0x2013)) : QLocale().toString(estimate);
}

QString rows(qint64 estimate)
{
    return estimate < 0 ? Words::tr("not counted yet", "rows of a relation") : QLocale().toString(estimate);
}

} // namespace tidemark::ui::texts
