// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/monitor/snapshot.h"

#include <QByteArray>

namespace tidemark {

/// Rows of a snapshot as bytes for the local store, each with everything that pages show of it, so that a replayed row is
/// the row that was on screen. Each begins with a version; what another version wrote reads as nothing.
[[nodiscard]] QByteArray encoded(const Refreshable &row);
[[nodiscard]] QByteArray encoded(const SourceRelation &row);
[[nodiscard]] QByteArray encoded(const Job &row);
/// Without its partitions, which are rows of their own.
[[nodiscard]] QByteArray encoded(const PartitionedTable &row);
[[nodiscard]] QByteArray encoded(const Partition &row, quint32 root);
/// What identifies the database and its server, and what of it is shown.
[[nodiscard]] QByteArray encoded(const pg::Capabilities &row);

[[nodiscard]] std::optional<Refreshable> decodedRefreshable(const QByteArray &bytes);
[[nodiscard]] std::optional<SourceRelation> decodedSource(const QByteArray &bytes);
[[nodiscard]] std::optional<Job> decodedJob(const QByteArray &bytes);
[[nodiscard]] std::optional<PartitionedTable> decodedTable(const QByteArray &bytes);
[[nodiscard]] std::optional<std::pair<quint32, Partition>> decodedPartition(const QByteArray &bytes); ///< with its root
[[nodiscard]] std::optional<pg::Capabilities> decodedCapabilities(const QByteArray &bytes);

} // namespace tidemark
