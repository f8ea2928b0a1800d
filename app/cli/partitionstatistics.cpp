// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/partitionstatistics.h"

#include "app/cli/texttable.h"
#include "app/cli/wantedtrees.h"
#include "core/base/units.h"
#include "core/catalog/tablestatistics.h"

#include <QLocale>

namespace tidemark::cli {

namespace {

using Align = TextTable::Align;

struct Found
{
    QString server;
    QString database;
    pg::QualifiedName table;
    std::vector<PartitionStatistics> partitions;
};

Result<std::vector<PartitionStatistics>> read(const Target &target, const QString &database, quint32 oid)
{
    pg::SessionOptions options;
    options.applicationName = QStringLiteral("tidemarkctl");
    options.lockTimeout = Millis(3'000);
    const pg::ConnInfo info =
        target.profile.connInfo.with(QStringLiteral("password"), target.password).withDatabase(database);
    TIDEMARK_TRY(pg::Session session, pg::Session::open(info, options));
    return readPartitionStatistics(session, oid, {});
}

QString momentOf(const std::optional<Instant> &at)
{
    return at ? toUtcSeconds(*at) : QStringLiteral("never");
}

QString hitsOf(const CacheUse &cache)
{
    const auto ratio = cache.hitRatio();
    return ratio ? QLocale::c().toString(*ratio * 100, 'f', 1) + QStringLiteral(" %") : QStringLiteral("-");
}

QJsonObject jsonOf(const Found &found, const PartitionStatistics &one)
{
    const auto ratio = one.cache.hitRatio();
    return {{QStringLiteral("server"), found.server},
            {QStringLiteral("database"), found.database},
            {QStringLiteral("table"), found.table.display()},
            {QStringLiteral("schema"), one.name.schema},
            {QStringLiteral("name"), one.name.name},
            {QStringLiteral("table_bytes"), one.tableBytes},
            {QStringLiteral("index_bytes"), one.indexBytes},
            {QStringLiteral("live_rows"), one.liveRows},
            {QStringLiteral("dead_rows"), one.deadRows},
            {QStringLiteral("scans"), one.scans},
            {QStringLiteral("cache_hit_ratio"), ratio ? QJsonValue(*ratio) : QJsonValue()},
            {QStringLiteral("last_vacuumed_at"), cli::jsonOf(one.lastVacuumed)},
            {QStringLiteral("last_analyzed_at"), cli::jsonOf(one.lastAnalyzed)}};
}

void printTable(const Context &context, const Found &found)
{
    TextTable table({{QStringLiteral("PARTITION")},
                     {QStringLiteral("TABLE SIZE"), Align::Right},
                     {QStringLiteral("INDEX SIZE"), Align::Right},
                     {QStringLiteral("LIVE ROWS"), Align::Right},
                     {QStringLiteral("DEAD ROWS"), Align::Right},
                     {QStringLiteral("SCANS"), Align::Right},
                     {QStringLiteral("CACHE HITS"), Align::Right},
                     {QStringLiteral("LAST VACUUMED")},
                     {QStringLiteral("LAST ANALYZED")}});
    for (const PartitionStatistics &one : found.partitions) {
        table.add({one.name.display(), units::bytes(one.tableBytes), units::bytes(one.indexBytes),
                   units::count(one.liveRows), units::count(one.deadRows), units::count(one.scans), hitsOf(one.cache),
                   momentOf(one.lastVacuumed), momentOf(one.lastAnalyzed)});
    }
    table.print(context.out);
}

} // namespace

ExitCode printPartitionStatistics(const Context &context, const Look &look, const WantedName &wanted)
{
    const auto targets = chosenTargets(context);
    if (!targets)
        return context.fail(targets.error());
    ExitCode outcome = look.exitCode;
    bool any = false;
    QJsonArray rows;
    for (const auto &server : look.servers) {
        const auto target = std::find_if(targets->begin(), targets->end(), [&](const Target &candidate) {
            return candidate.profile.name == server->name;
        });
        for (const auto &[name, database] : server->databases) {
            if (target == targets->end())
                continue;
            for (const auto &parent : treesOf(*database, wanted)) {
                any = true;
                auto partitions = read(*target, name, parent->oid);
                if (!partitions) {
                    outcome = context.fail(partitions.error().within(parent->name.display()));
                    continue;
                }
                const Found found{server->name, name, parent->name, std::move(*partitions)};
                for (const PartitionStatistics &one : found.partitions)
                    rows.append(jsonOf(found, one));
                if (!context.json)
                    printTable(context, found);
            }
        }
    }
    if (context.json)
        look.print(context, QStringLiteral("statistics"), rows);
    if (!any && outcome == ExitCode::Done)
        return context.fail(Error::missing(QStringLiteral("no partitioned table is named %1").arg(wanted.display())));
    return outcome;
}

} // namespace tidemark::cli
