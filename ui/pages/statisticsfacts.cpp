// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/statisticsfacts.h"

#include "core/base/units.h"
#include "ui/models/texts.h"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>

namespace tidemark::ui {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(tidemark::ui::Statistics)
};

constexpr std::size_t mostIndexes = 6;

QString hits(const CacheUse &cache)
{
    const auto ratio = cache.hitRatio();
    return ratio ? Words::tr("%1 % from shared buffers").arg(QLocale().toString(*ratio * 100, 'f', 1))
                 : Words::tr("never read");
}

Fact rowsFact(qint64 live, qint64 dead)
{
    const QLocale locale;
    // A fifth of it dead is where autovacuum's own threshold lies.
    const bool many = dead > 1000 && dead * 4 > live;
    return {Words::tr("Rows"), Words::tr("%1 live, %2 dead").arg(locale.toString(live), locale.toString(dead)),
            Words::tr("As the server's cumulative statistics count them"),
            many ? std::optional(Severity::Warning) : std::nullopt};
}

Fact moment(const QString &label, const std::optional<Instant> &at, Instant now)
{
    return {label, at ? units::age(*at, now) : Words::tr("never, since statistics began"),
            at ? texts::absolute(*at) : QString()};
}

std::optional<Instant> later(const std::optional<Instant> &a, const std::optional<Instant> &b)
{
    return !a ? b : !b ? a : std::max(*a, *b);
}

} // namespace

QList<Fact> factsOf(const TableStatistics &table, Instant now)
{
    const QLocale locale;
    QList<Fact> facts;
    facts << Fact{Words::tr("Exact size"), Words::tr("%1: heap %2, TOAST %3, indexes %4")
                                               .arg(units::bytes(table.totalBytes), units::bytes(table.heapBytes),
                                                    units::bytes(table.toastBytes), units::bytes(table.indexBytes))};
    facts << rowsFact(table.liveRows, table.deadRows);
    facts << Fact{Words::tr("Written"), Words::tr("%1 inserted, %2 updated (%3 HOT), %4 deleted")
                                            .arg(locale.toString(table.inserted), locale.toString(table.updated),
                                                 locale.toString(table.hotUpdated), locale.toString(table.deleted))};
    facts << Fact{Words::tr("Scans"),
                  Words::tr("%1 sequential, %2 index")
                      .arg(locale.toString(table.sequentialScans), locale.toString(table.indexScans))};
    facts << Fact{Words::tr("Heap blocks"), hits(table.heapCache)};
    facts << Fact{Words::tr("Index blocks"), hits(table.indexCache)};
    facts << moment(Words::tr("Last vacuumed"), later(table.lastVacuum, table.lastAutovacuum), now);
    facts << moment(Words::tr("Last analyzed"), later(table.lastAnalyze, table.lastAutoanalyze), now);
    if (table.frozenAge)
        facts << Fact{Words::tr("Age of its oldest row"),
                      Words::tr("%1 transactions").arg(locale.toString(*table.frozenAge)),
                      Words::tr("Autovacuum freezes at autovacuum_freeze_max_age")};
    for (std::size_t i = 0; i < table.indexes.size() && i < mostIndexes; ++i) {
        const IndexStatistics &index = table.indexes[i];
        facts << Fact{index.name.name,
                      index.isValid
                          ? Words::tr("%1, %2 scans").arg(units::bytes(index.bytes), locale.toString(index.scans))
                          : Words::tr("%1, invalid").arg(units::bytes(index.bytes)),
                      {},
                      index.isValid ? std::nullopt : std::optional(Severity::Warning)};
    }
    if (table.indexes.size() > mostIndexes)
        facts << Fact{
            {}, Words::tr("and %n smaller indexes", nullptr, static_cast<int>(table.indexes.size() - mostIndexes))};
    return facts;
}

QList<Fact> factsOf(const std::vector<PartitionStatistics> &partitions, Instant now)
{
    const QLocale locale;
    PartitionStatistics sum;
    const PartitionStatistics *unvacuumed = nullptr;
    qint64 neverAnalyzed = 0;
    for (const PartitionStatistics &one : partitions) {
        sum.tableBytes += one.tableBytes;
        sum.indexBytes += one.indexBytes;
        sum.liveRows += one.liveRows;
        sum.deadRows += one.deadRows;
        sum.scans += one.scans;
        sum.cache.blocksRead += one.cache.blocksRead;
        sum.cache.blocksHit += one.cache.blocksHit;
        neverAnalyzed += !one.lastAnalyzed && one.liveRows > 0 ? 1 : 0;
        if (!unvacuumed || one.deadRows > unvacuumed->deadRows)
            unvacuumed = &one;
    }
    QList<Fact> facts;
    facts << Fact{Words::tr("Exact size"), Words::tr("%1: tables %2, indexes %3")
                                               .arg(units::bytes(sum.tableBytes + sum.indexBytes),
                                                    units::bytes(sum.tableBytes), units::bytes(sum.indexBytes))};
    facts << rowsFact(sum.liveRows, sum.deadRows);
    facts << Fact{
        Words::tr("Read"),
        Words::tr("%n scans", nullptr, static_cast<int>(std::min<qint64>(sum.scans, std::numeric_limits<int>::max())))};
    facts << Fact{Words::tr("Blocks"), hits(sum.cache)};
    if (unvacuumed && unvacuumed->deadRows > 0)
        facts << Fact{Words::tr("Most dead rows"),
                      Words::tr("%1 in %2").arg(locale.toString(unvacuumed->deadRows), unvacuumed->name.display()),
                      unvacuumed->lastVacuumed
                          ? Words::tr("Vacuumed %1").arg(units::age(*unvacuumed->lastVacuumed, now))
                          : Words::tr("Never vacuumed, since statistics began")};
    if (neverAnalyzed > 0)
        facts << Fact{Words::tr("Never analyzed"),
                      Words::tr("%n with rows", nullptr, static_cast<int>(neverAnalyzed)),
                      {},
                      Severity::Notice};
    return facts;
}

} // namespace tidemark::ui
