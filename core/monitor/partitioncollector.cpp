// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/partitioncollector.h"

#include <algorithm>

namespace tidemark {

namespace {

constexpr qint64 ticksBetweenPartman = 30;
constexpr Millis betweenHistory{10 * 60 * 1000};

template<typename Container>
void append(std::vector<TickQuery> &queries, Container &&more)
{
    std::move(more.begin(), more.end(), std::back_inserter(queries));
}

} // namespace

PartitionCollector::PartitionCollector(std::shared_ptr<HistoryStore> history)
    : m_history(std::move(history))
{
}

PartitionCollector::~PartitionCollector() = default;

std::vector<TickQuery> PartitionCollector::plan(const TickContext &context)
{
    std::vector<TickQuery> queries = m_trees.plan(context);
    append(queries, m_hypertables.plan(context));
    if (context.first) {
        queries.push_back({QStringLiteral("partitions/all_estimates"), {}, [this](const Result<pg::ResultSet> &rows) {
                               m_estimates.absorb(rows);
                           }});
    } else {
        append(queries, m_estimates.plan());
    }
    if (!context.capabilities->hasExtension(QStringLiteral("pg_partman"))) {
        m_partmanChanged = m_partmanChanged || m_partman;
        m_partman.reset();
        m_partmanError.reset();
    } else if (context.number % ticksBetweenPartman == 0) {
        queries.push_back(
            {QStringLiteral("partitions/partman"), {}, [this](const Result<pg::ResultSet> &rows) {
                 if (!rows) {
                     m_partmanError = rows.error().within(QStringLiteral("reading pg_partman's configuration"));
                     return;
                 }
                 m_partmanError.reset();
                 if (rows->isEmpty())
                     return;
                 if (!rows->boolean(0, rows->column("is_readable"))) {
                     m_partmanError = Error::missing(
                         QStringLiteral("this role may not read pg_partman's part_config"),
                         QStringLiteral("GRANT SELECT ON part_config, and USAGE on its schema, to see what "
                                        "pg_partman keeps."));
                     m_partmanError->kind = ErrorKind::Permission;
                     return;
                 }
                 auto config = PartmanConfig::parse(rows->bytes(0, rows->column("config")));
                 m_partmanChanged = m_partmanChanged || m_partman != config;
                 m_partman = std::move(config);
             }});
    }
    return queries;
}

std::vector<TickQuery> PartitionCollector::followUp(const TickContext &context)
{
    std::vector<TickQuery> queries = m_trees.followUp(context);
    append(queries, m_hypertables.followUp(context));
    return queries;
}

void PartitionCollector::finish(PartitionedTable &table, const TickContext &context) const
{
    const qint64 blockSize = context.capabilities->blockSize;
    const RelationEstimate own = m_estimates.find(table.oid);
    // An empty parent of partitions has no storage, a hypertable's root is kept empty; an inheritance parent may hold rows.
    table.ownBytes = own.pages * blockSize;
    table.ownRows = table.kind == PartitioningKind::Inheritance ? own.rows : 0;
    for (Partition &partition : table.partitions) {
        const RelationEstimate estimate = m_estimates.find(partition.oid);
        const bool isSplit = table.kind == PartitioningKind::Native && !partition.isLeaf;
        partition.modifications = estimate.modifications;
        partition.lastModifiedSeenAt = estimate.movedAt;
        if (partition.compressed) { // the stored figures, and what was inserted since
            partition.bytesEstimate += estimate.pages * blockSize;
            if (partition.uncompressedBytes)
                *partition.uncompressedBytes += estimate.pages * blockSize;
            partition.rowsEstimate = partition.rowsEstimate < 0
                                         ? estimate.rows
                                         : partition.rowsEstimate + std::max<qint64>(estimate.rows, 0);
        } else {
            // No pages and no count of rows, or rows that no page was counted for: nobody has looked yet.
            const bool isUnknown = partition.isLeaf && !partition.isForeign && estimate.pages == 0
                                   && estimate.rows != 0;
            partition.bytesEstimate = isUnknown ? -1 : partition.isForeign ? 0 : estimate.pages * blockSize;
            partition.rowsEstimate = isSplit ? 0 : estimate.rows;
        }
    }
    if (m_partman)
        m_partman->apply(table);
    rollUp(table, context.serverNow);
}

void PartitionCollector::refreshTables(const TickContext &context)
{
    m_trees.setForeignParents(m_hypertables.relids());
    const bool relationsChanged = m_trees.takeRelationsChanged();
    if (m_hypertables.takeRelationsChanged() || relationsChanged) {
        std::vector<quint32> relations = m_trees.relations();
        const std::vector<quint32> chunks = m_hypertables.relations();
        relations.insert(relations.end(), chunks.begin(), chunks.end());
        m_estimates.watch(std::move(relations));
    }

    const QSet<quint32> estimated = m_estimates.takeChanged(context.serverNow);
    QSet<quint32> trees = m_trees.rootsOf(m_trees.takeChanged() | estimated);
    QSet<quint32> hypertables = m_hypertables.takeChanged() | m_hypertables.ownersOf(estimated);
    const std::vector<quint32> roots = m_trees.roots();
    const QSet<quint32> rootSet(roots.begin(), roots.end());
    const QSet<quint32> hypertableSet = m_hypertables.relids();
    if (std::exchange(m_partmanChanged, false))
        trees |= rootSet;

    Tables next;
    const auto keep = [&](quint32 oid, bool isDirty, auto build) {
        const auto before = m_tables.find(oid);
        const bool hasMoved = before != m_tables.end() && before->second->runsOut
                              && before->second->runwayUntil.value_or(Instant::min()) <= context.serverNow
                              && runwayUntil(*before->second, context.serverNow) != before->second->runwayUntil;
        if (before != m_tables.end() && !isDirty && !hasMoved) {
            next.emplace(oid, before->second);
            return;
        }
        PartitionedTable table = build(oid);
        finish(table, context);
        if (before != m_tables.end() && *before->second == table)
            next.emplace(oid, before->second);
        else
            next.emplace(oid, std::make_shared<const PartitionedTable>(std::move(table)));
    };
    for (const quint32 oid : roots)
        keep(oid, trees.contains(oid), [this](quint32 root) { return m_trees.build(root); });
    for (const quint32 oid : hypertableSet)
        keep(oid, hypertables.contains(oid), [this](quint32 root) { return m_hypertables.build(root); });
    m_tables = std::move(next);
}

void PartitionCollector::publish(const TickContext &context, DatabaseSnapshot &snapshot)
{
    TickContext now = context;
    now.serverNow = context.feed ? context.feed->serverNow : context.serverNow;
    for (const std::optional<Error> &error :
         {m_trees.error(), m_hypertables.error(), m_estimates.error(), m_partmanError, m_historyError}) {
        if (error && !snapshot.errors.contains(name()))
            snapshot.errors.insert(name(), *error);
    }
    // Nothing was read: what is last known stays, the error beside it.
    if (m_tables.empty() && !m_published && m_trees.error())
        return;

    refreshTables(now);
    auto next = std::make_shared<PartitionSnapshot>();
    next->tables.reserve(m_tables.size());
    for (const auto &[oid, table] : m_tables)
        next->tables.push_back(table);
    if (!m_published || m_published->tables != next->tables)
        m_published = std::move(next);
    snapshot.partitions = m_published;
    keepHistory(now);
}

void PartitionCollector::keepHistory(const TickContext &context)
{
    if (!m_history || m_tables.empty() || (m_historyAt && context.serverNow - *m_historyAt < betweenHistory))
        return;
    m_historyAt = context.serverNow;
    std::vector<std::pair<pg::QualifiedName, SizeSample>> sizes;
    sizes.reserve(m_tables.size());
    for (const auto &[oid, table] : m_tables) {
        if (table->totalBytes >= 0)
            sizes.emplace_back(table->name,
                               SizeSample{context.serverNow, table->totalBytes, table->rowsEstimate, table->leafCount});
    }
    m_historyError.reset();
    if (const Status kept = m_history->addSizes(databaseRefOf(*context.capabilities), context.serverNow, sizes); !kept)
        m_historyError = kept.error().within(QStringLiteral("keeping the sizes"));
}

void PartitionCollector::sessionLost()
{
    m_trees.sessionLost();
    m_hypertables.sessionLost();
    m_estimates.sessionLost();
}

} // namespace tidemark
