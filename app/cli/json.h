// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/wantedname.h"
#include "core/catalog/refreshevent.h"
#include "core/monitor/snapshot.h"

#include <QJsonArray>
#include <QJsonObject>

namespace tidemark::cli {

// The stable shapes of --json: snake_case keys, ISO 8601 UTC, bytes, milliseconds; what is not known is null and a
// neighbour says why.

using Servers = std::vector<std::shared_ptr<const ServerSnapshot>>;

[[nodiscard]] QJsonArray refreshablesJson(const Servers &servers, const WantedName &wanted);
[[nodiscard]] QJsonArray parentsJson(const Servers &servers, const WantedName &wanted, bool withPartitions);
[[nodiscard]] QJsonArray lockEdgesJson(const Servers &servers);
[[nodiscard]] QJsonArray jobsJson(const Servers &servers);
[[nodiscard]] QJsonArray serversJson(const Servers &servers);
/// What could not be read, database by database: the reason beside what is therefore absent.
[[nodiscard]] QJsonArray errorsJson(const Servers &servers);
/// One that has nothing to do with a server: what was asked cannot be asked of any.
[[nodiscard]] QJsonObject errorJson(const Error &error);
[[nodiscard]] QJsonObject refreshJson(const QString &server, const QString &database, const RefreshEvent &event);

[[nodiscard]] QJsonValue jsonOf(const std::optional<Instant> &instant);
[[nodiscard]] QJsonValue jsonOf(const std::optional<Millis> &duration);
[[nodiscard]] QJsonValue jsonOf(const std::optional<qint64> &number);

} // namespace tidemark::cli
