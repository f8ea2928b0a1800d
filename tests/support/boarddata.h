// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/monitor/snapshot.h"
#include "core/store/historystore.h"

#include <memory>

namespace tidemark::test {

/// A watched server as the demo's looks: the five databases, with refreshables in every status and of every kind, and
/// partitioned tables of every health. All times are relative to `now`. For tests of what is shown, not of what is read.
[[nodiscard]] std::shared_ptr<ServerSnapshot> demoServer(const QString &name, Instant now);

/// One database of that many refreshables and one table of that many daily partitions. `generation` changes one of each.
[[nodiscard]] std::shared_ptr<ServerSnapshot> largeServer(const QString &name, Instant now, int refreshables,
                                                          int partitions, int generation);

/// A day of refreshes and a month of sizes for demoServer(), from several sources, some of them failed.
[[nodiscard]] Status fillHistory(HistoryStore &history, const ServerSnapshot &server, Instant now);

/// Building blocks.
[[nodiscard]] Refreshable refreshable(quint32 oid, const QString &schema, const QString &name);
[[nodiscard]] PartitionedTable dailyTable(quint32 oid, const QString &schema, const QString &name, Instant firstDay,
                                          int days);
/// A snapshot of one server with one database that holds these parts; null parts were never loaded.
[[nodiscard]] std::shared_ptr<ServerSnapshot> serverWith(const QString &server, const QString &database, Instant now,
                                                         std::shared_ptr<const FreshnessSnapshot> freshness,
                                                         std::shared_ptr<const PartitionSnapshot> partitions = nullptr);

} // namespace tidemark::test
