// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/partitionsdetail.h"

#include "core/base/units.h"
#include "ui/charts/timechart.h"
#include "ui/models/texts.h"
#include "ui/pages/statisticsfacts.h"
#include "ui/services/detailreader.h"

#include <QLocale>

#include <algorithm>

namespace tidemark::ui {

namespace {

using namespace std::chrono_literals;

constexpr auto shownGrowth = 30 * 24h;
constexpr auto mostListed = 8;

QString gapText(const PartitionGap &gap)
{
    if (gap.hash)
        return hashGapText(*gap.hash);
    Partition missing;
    missing.from = gap.from;
    missing.to = gap.to;
    return texts::boundText(missing);
}

QString nameOf(const PartitionedTable &table, quint32 oid)
{
    const auto found = std::find_if(table.partitions.begin(), table.partitions.end(),
                                    [oid](const Partition &partition) { return partition.oid == oid; });
    return found == table.partitions.end() ? QString::number(oid) : found->name.display();
}

} // namespace

PartitionsDetail::PartitionsDetail(const PageContext &context, QWidget *parent)
    : DetailPanel(parent)
    , m_context(context)
    , m_growth(new TimeChart(tr("Size over time"), ChartUnit::Bytes, this))
{
    setFacts(tr("State"), {});
    setFacts(tr("Selected partition"), {});
    setFacts(tr("Statistics of the partition"), {});
    setSectionVisible(tr("Statistics of the partition"), false);
    setFacts(tr("Statistics"), {});
    m_growth->setFixedHeight(fontMetrics().height() * 9);
    setWidget(tr("Last 30 days"), m_growth);
    setFacts(tr("Gaps and overlaps"), {});
    m_settled.setSingleShot(true);
    m_settled.setInterval(200);
    connect(&m_settled, &QTimer::timeout, this, &PartitionsDetail::readGrowth);
    connect(&m_settled, &QTimer::timeout, this, &PartitionsDetail::readStatistics);
    m_partitionSettled.setSingleShot(true);
    m_partitionSettled.setInterval(200);
    connect(&m_partitionSettled, &QTimer::timeout, this, &PartitionsDetail::readPartitionStatistics);
    showNothing();
}

void PartitionsDetail::showNothing()
{
    m_row.reset();
    m_partition.reset();
    m_settled.stop();
    m_reading.cancel();
    m_askingTable.cancel();
    m_askingPartition.cancel();
    m_partitionSettled.stop();
    showPlaceholder(tr("Select a partitioned table to see how it grows and what is wrong with it."));
}

void PartitionsDetail::show(const PartitionedTableRow &row, const QString &system, Instant now, bool isPast)
{
    const bool other = !m_row || m_row->key() != row.key();
    const bool changed = other || m_row->table != row.table;
    m_row = row;
    m_system = system;
    m_isPast = isPast;
    m_now = now;
    if (other) {
        m_sizes.clear();
        m_partition.reset();
        m_settled.start();
        m_askingTable.cancel();
        setFacts(tr("Statistics"), {});
        setSectionVisible(tr("Statistics"), false);
        setTitle(row.table->name.display(),
                 QStringLiteral("%1, %2 / %3").arg(texts::kind(row.table->kind), row.server, row.database));
    }
    updateFacts();
    if (changed)
        drawGrowth();
}

void PartitionsDetail::showPartition(std::shared_ptr<const Partition> partition)
{
    const bool other = !partition || !m_partition || partition->oid != m_partition->oid;
    m_partition = std::move(partition);
    if (other) {
        m_askingPartition.cancel();
        setSectionVisible(tr("Statistics of the partition"), false);
        m_partitionSettled.start();
    }
    if (m_row)
        updatePartition();
}

void PartitionsDetail::setNow(Instant now)
{
    m_now = now;
    if (m_row)
        updateFacts();
}

void PartitionsDetail::updateFacts()
{
    const PartitionedTable &table = *m_row->table;
    const PartitionHealth health = partitionHealth(table, m_row->shortRunway, m_now);
    const QLocale locale;
    setStatus(severityOf(health), healthWord(health));
    QList<Fact> facts;
    if (const QString reason = healthReason(table, m_row->shortRunway, m_now); !reason.isEmpty())
        facts << Fact{{}, reason};
    facts << Fact{tr("Runway"), texts::runway(table, m_now),
                  table.runwayUntil ? texts::absolute(*table.runwayUntil) : QString()};
    if (table.runwayUntil)
        facts << Fact{tr("Last one ends"), texts::absolute(*table.runwayUntil)};
    facts << Fact{tr("Key"), table.keyText};
    if (!table.intervalText.isEmpty())
        facts << Fact{tr("Interval"), table.intervalText};
    facts << Fact{tr("Kept by"),
                  table.managedBy.isEmpty() ? tr("hand: nothing is known to make new partitions") : table.managedBy};
    facts << Fact{tr("Size"), units::knownBytes(table.totalBytes, locale),
                  table.unknownSizes > 0
                      ? tr("Without %1 that were never vacuumed or analyzed").arg(locale.toString(table.unknownSizes))
                      : QString()};
    if (table.totalUncompressedBytes && *table.totalUncompressedBytes > 0)
        facts << Fact{tr("Before compression"),
                      tr("%1, now %2 % of it")
                          .arg(units::bytes(*table.totalUncompressedBytes, locale),
                               locale.toString(100.0 * static_cast<double>(table.totalBytes)
                                                   / static_cast<double>(*table.totalUncompressedBytes),
                                               'f', 1))};
    facts << Fact{tr("Rows"), texts::rows(table.rowsEstimate), tr("The sum of the planner's estimates")};
    if (table.parentRows)
        facts << Fact{tr("Rows in the parent"), texts::rows(*table.parentRows),
                      tr("Rows of the tables that others inherit from: they stand in no partition")};
    facts << Fact{tr("Partitions"), table.compressedCount > 0 ? tr("%1, of them %2 compressed")
                                                                    .arg(locale.toString(table.leafCount),
                                                                         locale.toString(table.compressedCount))
                                                              : locale.toString(table.leafCount)};
    if (table.defaultRows)
        facts << Fact{tr("Rows in default"),
                      texts::rows(*table.defaultRows),
                      {},
                      *table.defaultRows > 0 ? std::optional(Severity::Warning) : std::nullopt};
    if (table.retention)
        facts << Fact{tr("Dropped after"), units::duration(*table.retention)};
    if (table.compressAfter)
        facts << Fact{tr("Compressed after"), units::duration(*table.compressAfter)};
    if (!table.problem.isEmpty())
        facts << Fact{tr("Not read"), table.problem, {}, Severity::Unknown};
    setFacts(tr("State"), facts);

    QList<Fact> faults;
    const auto more = [&faults](std::size_t count) {
        if (count > mostListed)
            faults << Fact{{}, tr("and %n more", nullptr, static_cast<int>(count) - mostListed)};
    };
    for (std::size_t index = 0; index < table.gaps.size() && index < mostListed; ++index)
        faults << Fact{tr("Gap"), gapText(table.gaps[index])};
    more(table.gaps.size());
    for (std::size_t index = 0; index < table.overlaps.size() && index < mostListed; ++index)
        faults << Fact{tr("Overlap"), tr("%1 and %2")
                                          .arg(nameOf(table, table.overlaps[index].first),
                                               nameOf(table, table.overlaps[index].second))};
    more(table.overlaps.size());
    setFacts(tr("Gaps and overlaps"), faults);
    setSectionVisible(tr("Gaps and overlaps"), !faults.isEmpty());
    updatePartition();
}

void PartitionsDetail::updatePartition()
{
    setSectionVisible(tr("Selected partition"), m_partition != nullptr);
    if (!m_partition)
        return;
    const Partition &it = *m_partition;
    QList<Fact> facts;
    facts << Fact{{}, it.name.display()};
    facts << Fact{tr("Bounds"), it.boundText};
    facts << Fact{tr("State"), texts::partitionState(it, m_now)};
    facts << Fact{tr("Size"), units::knownBytes(it.bytesEstimate, QLocale())};
    if (it.uncompressedBytes)
        facts << Fact{tr("Before compression"), units::bytes(*it.uncompressedBytes, QLocale())};
    facts << Fact{tr("Rows"), texts::rows(it.rowsEstimate)};
    facts << Fact{tr("Last write"),
                  it.lastModifiedSeenAt ? units::age(*it.lastModifiedSeenAt, m_now)
                                        : tr("none seen since it is watched"),
                  it.lastModifiedSeenAt ? texts::absolute(*it.lastModifiedSeenAt) : QString()};
    setFacts(tr("Selected partition"), facts);
}

void PartitionsDetail::readGrowth()
{
    if (!m_row || !m_context.history || m_system.isEmpty())
        return;
    const TimeRange range{m_now - shownGrowth, m_now};
    m_context.runner->run(
        this, m_reading,
        [history = m_context.history, database = DatabaseRef{m_system, m_row->database}, name = m_row->table->name,
         range](std::stop_token) { return history->sizes(database, name, range); },
        [this](Result<std::vector<SizeSample>> sizes) {
            if (!sizes) {
                setSectionVisible(tr("Last 30 days"), true);
                m_growth->setPlaceholder(sizes.error().summary());
                return;
            }
            m_growth->setPlaceholder({});
            m_sizes = std::move(*sizes);
            if (m_row)
                drawGrowth();
        });
}

void PartitionsDetail::readStatistics()
{
    if (m_row)
        ask({ObjectKind::PartitionedTable, m_row->server, m_row->database, m_row->table->oid, m_row->table->name, 0},
            m_askingTable, tr("Statistics"));
}

void PartitionsDetail::readPartitionStatistics()
{
    // A foreign table has none here, and what is partitioned further holds no rows.
    if (m_row && m_partition && m_partition->isLeaf && !m_partition->isForeign)
        ask({ObjectKind::Partition, m_row->server, m_row->database, m_partition->oid, m_partition->name, 0},
            m_askingPartition, tr("Statistics of the partition"));
}

void PartitionsDetail::ask(const ObjectRef &object, LatestOnly &latest, const QString &section)
{
    if (!m_context.details || m_isPast)
        return;
    setSectionVisible(section, true);
    setFacts(section, {{{}, tr("Reading…")}});
    m_context.details->readStatistics(this, latest, object, [this, section](const Result<StatisticsDetail> &read) {
        if (!read) {
            setFacts(section, {{{},
                                read.error().hint.isEmpty()
                                    ? read.error().summary()
                                    : QString(read.error().summary() + QLatin1Char('\n') + read.error().hint),
                                {},
                                Severity::Warning}});
            return;
        }
        QList<Fact> facts = read->table ? factsOf(*read->table, m_now) : factsOf(read->partitions, m_now);
        facts << Fact{tr("As of"), texts::clockTime(m_now, m_now, true)};
        setFacts(section, facts);
    });
}

void PartitionsDetail::drawGrowth()
{
    ChartSeries size{.name = tr("size"), .style = ChartSeries::Style::Area};
    for (const SizeSample &sample : m_sizes)
        size.points.push_back({sample.at, static_cast<double>(sample.bytes)});
    // The newest reading may not have reached the store yet.
    if (size.points.empty() || size.points.back().at < m_now)
        size.points.push_back({m_now, static_cast<double>(std::max<qint64>(m_row->table->totalBytes, 0))});
    const Instant from = size.points.size() > 1 ? size.points.front().at : m_now - 1h;
    setSectionVisible(tr("Last 30 days"), size.points.size() > 1); // one reading is no growth
    QString summary;
    if (size.points.size() > 1) {
        const double grown = size.points.back().value - size.points.front().value;
        summary = tr("%1 in %2").arg(chartValue(grown, ChartUnit::Bytes), texts::span(millisBetween(from, m_now)));
    }
    m_growth->setSummary(summary);
    m_growth->setRange({std::min(from, m_now - 1min), m_now});
    m_growth->setSeries({std::move(size)});
}

} // namespace tidemark::ui
