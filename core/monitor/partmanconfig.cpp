// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/partmanconfig.h"

#include "core/catalog/interval.h"
#include "core/catalog/jsonrows.h"

namespace tidemark {

PartmanConfig PartmanConfig::parse(const QByteArray &xml)
{
    PartmanConfig config;
    for (const QJsonObject &row : jsonRows(xml, "config")) {
        const QString table = row.value(QLatin1String("parent_table")).toString();
        if (table.isEmpty())
            continue;
        Entry entry;
        entry.interval = row.value(QLatin1String("partition_interval")).toString();
        entry.retention = row.value(QLatin1String("retention")).toString();
        const QJsonValue premake = row.value(QLatin1String("premake"));
        if (premake.isDouble())
            entry.premake = premake.toInt();
        config.m_entries.insert(table, entry);
    }
    return config;
}

void PartmanConfig::apply(PartitionedTable &table) const
{
    const auto entry = m_entries.constFind(table.name.schema + QLatin1Char('.') + table.name.name);
    if (entry == m_entries.cend())
        return;
    table.managedBy = QStringLiteral("pg_partman");
    table.intervalText = entry->interval;
    table.premake = entry->premake;
    table.retention = parseInterval(entry->retention);
}

} // namespace tidemark
